using RemoteTasks.Server.Api;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>What a page cannot speak for, in words.</summary>
internal static class UnknownWords
{
    /// <summary>Of which remote and node a part is.</summary>
    internal static string NameOf(UnknownPart part) => part switch
    {
        { Remote: null } => "all remotes",
        { Node: null or "localhost" } => VisibleText.Of(part.Remote),
        _ => $"{VisibleText.Of(part.Remote)} {VisibleText.Of(part.Node, 60)}",
    };
}
