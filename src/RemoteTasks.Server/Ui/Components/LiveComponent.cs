using Microsoft.AspNetCore.Components;
using RemoteTasks.Server.Ui.Live;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>A component that reads the cache, and reads it again whenever it changes: at most once a second, and only while somebody looks.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private IDisposable? _subscription;
    private bool _isBehind;

    [Inject]
    private CacheChanges Changes { get; set; } = null!;

    [Inject]
    private PageVisibility Visibility { get; set; } = null!;

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
        if (!RendererInfo.IsInteractive)
            return;
        _subscription = Changes.Subscribe(() => InvokeAsync(RefreshAsync));
        Visibility.Shown += CatchUp;
    }

    /// <summary>Reads and shows.</summary>
    protected async Task RefreshAsync()
    {
        _isBehind = Visibility.IsHidden;
        if (_isBehind || !Read())
            return;
        StateHasChanged();
        await OnRefreshedAsync();
    }

    /// <summary>After something else was read and shown.</summary>
    protected virtual Task OnRefreshedAsync() => Task.CompletedTask;

    /// <summary>Stops listening.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _subscription?.Dispose();
        Visibility.Shown -= CatchUp;
    }

    private void CatchUp(object? sender, EventArgs e)
    {
        if (_isBehind)
            _ = InvokeAsync(RefreshAsync);
    }
}
