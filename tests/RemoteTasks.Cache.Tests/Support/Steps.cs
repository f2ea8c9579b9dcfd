namespace RemoteTasks.Cache.Tests.Support;

/// <summary>Keeps what it is told of long work.</summary>
internal sealed class Steps : IProgress<CacheProgress>
{
    internal List<CacheProgress> Told { get; } = [];

    public void Report(CacheProgress value) => Told.Add(value);
}
