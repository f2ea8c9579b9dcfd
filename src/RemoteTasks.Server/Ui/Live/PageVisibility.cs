namespace RemoteTasks.Server.Ui.Live;

/// <summary>Whether somebody can see the page of a circuit: what is in a hidden tab is neither read nor sent.</summary>
internal sealed class PageVisibility
{
    /// <summary>When it can be seen again.</summary>
    internal event EventHandler? Shown;

    internal bool IsHidden { get; private set; }

    internal void Set(bool isHidden)
    {
        IsHidden = isHidden;
        if (!isHidden)
            Shown?.Invoke(this, EventArgs.Empty);
    }
}
