namespace RemoteTasks.Benchmarks.Engines;

/// <summary>A clock that stands where the data says.</summary>
internal sealed class SetClock : TimeProvider
{
    internal long Now { get; set; }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(Now);
}
