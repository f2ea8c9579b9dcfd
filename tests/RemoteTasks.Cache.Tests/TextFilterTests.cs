using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A text is found in the parts of a task as people see them, wherever the task is stored.</summary>
public sealed class TextFilterTests
{
    private static readonly TaskRecord[] Tasks =
    [
        Some.Finished(1000, upid: Some.Upid(1000, remote: "West-1", node: "alpha", type: "vzdump", id: "100", user: "root@pam")),
        Some.Finished(1001, "job `x` [failed]", upid: Some.Upid(1001, remote: "east", node: "beta", type: "qmstart", id: "101", user: "Ops@pve!token")),
        Some.Finished(1002, upid: Some.PbsUpid(1002, remote: "vault", type: "verify", id: "-x\\x3astore", user: "backup@pbs")),
        Some.Finished(1003, "gro\u00df", upid: Some.PbsUpid(1003, remote: "vault", type: "verify", id: "store-\\x41", user: "backup@pbs")),
    ];

    [Theory]
    [InlineData("west-1", new long[] { 1000 })]
    [InlineData("WEST", new long[] { 1000 })]
    [InlineData("alpha", new long[] { 1000 })]
    [InlineData("VZDUMP", new long[] { 1000 })]
    [InlineData("10", new long[] { 1001, 1000 })]
    [InlineData("ops@pve!token", new long[] { 1001 })]
    [InlineData("ops`pve", new long[] { })]
    [InlineData("`x`", new long[] { 1001 })]
    [InlineData("@x@", new long[] { })]
    [InlineData("[FAILED]", new long[] { 1001 })]
    [InlineData("{failed}", new long[] { })]
    [InlineData("/x:store", new long[] { 1002 })]
    [InlineData("-x", new long[] { })]
    [InlineData("store/a", new long[] { 1003 })]
    [InlineData("gro\u00df", new long[] { 1003 })]
    [InlineData("", new long[] { 1003, 1002, 1001, 1000 })]
    [InlineData("pve:West-1!UPID:alpha:", new long[] { 1000 })]
    [InlineData("!UPID:pbs-01:", new long[] { 1003, 1002 })]
    [InlineData("UPID:nowhere", new long[] { })]
    public void A_text_is_found_where_people_see_it(string text, long[] starts)
    {
        using var cache = new TempCache(1000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        cache.Add(Tasks);
        Assert.Equal(starts, cache.Starts(new TaskQuery { Text = text }));
        cache.Apply();
        Assert.Equal(starts, cache.Starts(new TaskQuery { Text = text }));
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal(starts.Length, reader.Statistics(new TaskQuery { Text = text }).All.Total);
    }
}
