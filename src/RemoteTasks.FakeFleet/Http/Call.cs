using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>A remote with the life of its nodes.</summary>
internal sealed record SimRemote(FakeRemote Shown, IReadOnlyList<NodeLife> Nodes)
{
    public bool IsPbs => Shown.Type == "pbs";
}

/// <summary>One authorised request.</summary>
/// <param name="Remote">Whom it asks.</param>
/// <param name="Entry">The node whose port it came to.</param>
/// <param name="Now">Seconds since 1970 by the fleet's clock.</param>
/// <param name="Delete">DELETE instead of GET.</param>
/// <param name="Path">Segments of the path behind <c>/api2/json</c>.</param>
/// <param name="Parameters">The query.</param>
internal sealed record Call(SimRemote Remote, NodeLife Entry, long Now, bool Delete, string[] Path, Parameters Parameters)
{
    public FakeRights Rights => Remote.Shown.Rights;

    /// <summary>Without the right to audit, a token sees the tasks it has started itself.</summary>
    public bool MaySee(SimTask task) => Rights != FakeRights.None || task.User == Remote.Shown.AuthId;

    public bool MayStop(SimTask task) => Rights == FakeRights.Modify || task.User == Remote.Shown.AuthId;
}
