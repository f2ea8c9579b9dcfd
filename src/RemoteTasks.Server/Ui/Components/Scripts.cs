using Microsoft.JSInterop;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>Lets go of scripts in a browser that may be gone already.</summary>
internal static class Scripts
{
    /// <summary>Calls a last function, if any, and forgets the object.</summary>
    internal static async ValueTask LetGoAsync(IJSObjectReference? script, string? last = null)
    {
        if (script is null)
            return;
        try
        {
            if (last is not null)
                await script.InvokeVoidAsync(last);
            await script.DisposeAsync();
        }
        catch (Exception error) when (error is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page was closed: so is the script.
        }
    }
}
