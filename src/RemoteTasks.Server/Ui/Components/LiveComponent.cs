using Microsoft.AspNetCore.Components;
using RemoteTasks.Server.Ui.Live;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>A component that reads the cache, and reads it again whenever it changes: at most once a second, and only while somebody looks.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private IDisposable? _subscription;

    [Inject]
    private CacheChanges Changes { get; set; } = null!;

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads what is shown; false when it is what it was.</summary>
    protected abstract bool Read();

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        Read();
        if (RendererInfo.IsInteractive)
            _subscription = Changes.Subscribe(() => InvokeAsync(RefreshAsync));
    }

    /// <summary>Reads and shows.</summary>
    protected async Task RefreshAsync()
    {
        if (!Read())
            return;
        StateHasChanged();
        await OnRefreshedAsync();
    }

    /// <summary>After something else was read and shown.</summary>
    protected virtual Task OnRefreshedAsync() => Task.CompletedTask;

    /// <summary>Stops listening.</summary>
    protected virtual void Dispose(bool disposing) => _subscription?.Dispose();
}
