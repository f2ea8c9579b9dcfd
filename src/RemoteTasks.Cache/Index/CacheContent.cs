using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>All that a cache held at one moment. Immutable.</summary>
/// <param name="Tasks">The tasks; whoever holds the content has a use of them to release.</param>
/// <param name="Journal">The journal's part of them.</param>
/// <param name="Active">The running list's part.</param>
/// <param name="State">What is remembered of remotes.</param>
/// <param name="Damage">What could not be read.</param>
/// <param name="Version">Grows whenever anything of it changes.</param>
internal sealed record CacheContent(
    TaskSnapshot Tasks, JournalSnapshot Journal, TaskLine[] Active, CacheState State, IReadOnlyList<Damage> Damage, long Version)
{
    internal bool IsLike(CacheContent other) =>
        ReferenceEquals(Tasks, other.Tasks) && ReferenceEquals(State, other.State) && Damage.SequenceEqual(other.Damage);
}
