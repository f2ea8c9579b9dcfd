using Microsoft.AspNetCore.Components;
using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Live;

/// <summary>A component that is read again also while nothing changes in the cache: because time goes by, or because not all that it shows is in the cache.</summary>
public abstract class TimedComponent : LiveComponent
{
    private ITimer? _timer;

    /// <summary>What the daemon was started with; time goes by its clock.</summary>
    [Inject]
    protected ServerOptions Options { get; set; } = null!;

    /// <summary>Now, in seconds since the epoch.</summary>
    protected long Now => Options.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>How often it is read when nothing changes.</summary>
    protected abstract TimeSpan Every { get; }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        base.OnInitialized();
        if (RendererInfo.IsInteractive)
            _timer = Options.Clock.CreateTimer(static component => _ = ((TimedComponent)component!).TickAsync(), this, Every, Every);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    private async Task TickAsync()
    {
        try
        {
            await InvokeAsync(RefreshAsync);
        }
        catch (Exception error) when (error is ObjectDisposedException or CacheException or IOException)
        {
            // The page was closed meanwhile, or the cache cannot be read now: the next time it may.
        }
    }
}
