using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>The list of running tasks.</summary>
public sealed class ActiveFileTests
{
    [Fact]
    public void Lines_that_cannot_be_understood_are_counted_and_the_first_is_told_of_each_time()
    {
        using TempCache cache = New(out ActiveFile file);
        File.WriteAllBytes(cache.PathOf("active"), [.. Some.Running(1001).ToLine(), .. "\nrubbish\n"u8, .. Some.Running(1000).ToLine(), .. "\n{}\n"u8]);
        Assert.False(new LineParser().TryParse("rubbish"u8.ToArray(), out _, out string? problem));
        for (int i = 0; i < 2; i++)
        {
            var damage = new List<Damage>();
            Assert.Equal([1001, 1000], file.Load(damage).Select(line => line.StartTime));
            Assert.Equal(new Damage("active", 0, long.MaxValue, 2, problem!), Assert.Single(damage));
        }
    }

    [Fact]
    public void What_is_known_is_not_understood_again_and_what_changed_is()
    {
        using TempCache cache = New(out ActiveFile file);
        File.WriteAllBytes(cache.PathOf("active"), [.. Some.Running(1001).ToLine(), (byte)'\n']);
        TaskLine[] known = file.Load([]);
        Assert.Same(known, file.Load([]));
        File.WriteAllBytes(cache.PathOf("active"), [.. Some.Running(1002).ToLine(), (byte)'\n']);
        Assert.Equal([1002], file.Load([]).Select(line => line.StartTime));
        File.Delete(cache.PathOf("active"));
        Assert.Empty(file.Load([]));
    }

    [Fact]
    public void A_list_of_megabytes_is_read_and_not_kept()
    {
        using TempCache cache = New(out ActiveFile file);
        TaskRecord[] tasks = [.. Enumerable.Range(0, 1_000).Select(i => Some.Running(100_000 - i, status: new string('s', 9_000)))];
        File.WriteAllBytes(cache.PathOf("active"), [.. tasks.SelectMany(task => task.ToLine().Append((byte)'\n'))]);
        Assert.True(new FileInfo(cache.PathOf("active")).Length > 8 << 20);
        TaskLine[] first = file.Load([]);
        Assert.Equal(tasks.Select(task => task.StartTime), first.Select(line => line.StartTime));
        Assert.NotSame(first, file.Load([]));
    }

    private static TempCache New(out ActiveFile file)
    {
        var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add();
        file = new ActiveFile(RealDisk.Instance, cache.Path);
        return cache;
    }
}
