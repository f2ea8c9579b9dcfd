using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Rotation;

namespace RemoteTasks.Cache.Tests;

/// <summary>What rotation decides, from tables of names, sizes and times.</summary>
public sealed class RotationPlanTests
{
    private const long Day = 86_400;
    private const long Today = 20_000 * Day;

    private static readonly TaskCacheOptions Default = new() { RetainBytesMax = null, PlainFiles = 2 };

    [Theory]
    [InlineData(0, 0, false, null)]
    [InlineData(0, Day - 1, false, null)]
    [InlineData(0, Day, false, Day)]
    [InlineData(0, Day + 5, false, Day)]
    [InlineData(0, (3 * Day) + 7, false, 3 * Day)]
    [InlineData(0, 100, true, 100L)]
    [InlineData(0, 0, true, null)]
    [InlineData(-7, Day - 8, false, null)]
    [InlineData(-7, Day, false, Day)]
    [InlineData(Day, 0, false, 0L)]
    [InlineData(Day, 5, true, 0L)]
    [InlineData(3_650 * Day, Day, false, Day)]
    public void A_file_begins_at_the_bound_of_a_period_when_the_newest_that_is_not_in_the_future_is_old(long newest, long now, bool force, long? begin)
    {
        RotationPlan plan = RotationPlan.For([Plain(Today + newest)], null, Today + now, force, Default);
        Assert.Equal(begin is null ? null : Today + begin, plan.Begin);
    }

    [Fact]
    public void A_future_file_does_not_stop_rotation_below_it()
    {
        RotationPlan plan = RotationPlan.For([Plain(Today + (3_650 * Day)), Plain(Today), Zst(Today - Day)], Today, Today + Day, false, Default);
        Assert.Equal(Today + Day, plan.Begin);
        Assert.Equal([new ArchiveName(Today, false)], plan.Compress);
        Assert.Empty(plan.Drop);
    }

    [Theory]
    [InlineData(99, 9, null)]
    [InlineData(100, 0, 77L)]
    [InlineData(0, 10, 77L)]
    public void A_file_begins_when_the_newest_is_large_in_bytes_or_rows(long bytes, long rows, long? begin)
    {
        TaskCacheOptions options = Default with { RotateBytesMax = 100, RotateRowsMax = 10 };
        RotationPlan plan = RotationPlan.For([new PlannedFile(new ArchiveName(Today, false), bytes, rows)], null, Today + 77, false, options);
        Assert.Equal(begin is null ? null : Today + begin, plan.Begin);
    }

    [Fact]
    public void Without_bounds_of_size_a_large_file_stays()
    {
        TaskCacheOptions options = Default with { RotateBytesMax = null, RotateRowsMax = null };
        Assert.Null(RotationPlan.For([new PlannedFile(new ArchiveName(Today, false), long.MaxValue, long.MaxValue)], null, Today + 77, false, options).Begin);
    }

    [Theory]
    [InlineData(0, "0 1 2 3")]
    [InlineData(2, "2 3")]
    [InlineData(9, "")]
    public void All_but_the_newest_plain_files_are_compressed(int plainFiles, string compressed)
    {
        PlannedFile[] files = [Plain(Today), Plain(Today - Day), Plain(Today - (2 * Day)), Plain(Today - (3 * Day)), Zst(Today - (4 * Day))];
        RotationPlan plan = RotationPlan.For(files, Today, Today, false, Default with { PlainFiles = plainFiles });
        Assert.Equal(compressed, string.Join(' ', plan.Compress.Select(name => (Today - name.Epoch) / Day)));
    }

    [Theory]
    [InlineData(1, null, null, "1 2 3")]
    [InlineData(3, null, null, "3")]
    [InlineData(null, 25L, null, "2 3")]
    [InlineData(null, 30L, null, "3")]
    [InlineData(null, 0L, null, "1 2 3")]
    [InlineData(null, null, 1.0, "2 3")]
    [InlineData(null, null, 0.0, "1 2 3")]
    [InlineData(null, null, 2.5, "")]
    [InlineData(3, 15L, 2.0, "1 2 3")]
    public void Expired_files_are_dropped_from_the_oldest_on(int? files, long? bytes, double? days, string dropped)
    {
        TaskCacheOptions options = Default with
        {
            RetainFilesMax = files,
            RetainBytesMax = bytes,
            RetainFor = days is { } span ? TimeSpan.FromDays(span) : null,
        };
        PlannedFile[] four = [.. Enumerable.Range(0, 4).Select(i => new PlannedFile(new ArchiveName(Today - (i * Day), i > 0), 10))];
        RotationPlan plan = RotationPlan.For(four, Today + 60, Today + 60, false, options);
        Assert.Equal(dropped, string.Join(' ', plan.Drop.Select(name => (Today - name.Epoch) / Day)));
        Assert.DoesNotContain(plan.Drop, name => name.Epoch == Today);
    }

    [Theory]
    [InlineData(0, "2 3")]
    [InlineData(1, "3")]
    public void A_file_is_too_old_when_all_its_tasks_are(long younger, string dropped)
    {
        PlannedFile[] files = [Plain(Today), Zst(Today - Day), Zst(Today - (2 * Day)), Zst(Today - (3 * Day))];
        RotationPlan plan = RotationPlan.For(files, Today + 60, Today + 60, false, Default with { RetainFor = TimeSpan.FromSeconds(Day + 60 + younger) });
        Assert.Equal(dropped, string.Join(' ', plan.Drop.Select(name => (Today - name.Epoch) / Day)));
    }

    [Fact]
    public void A_clock_that_jumped_ahead_drops_nothing_that_is_young_by_its_tasks()
    {
        PlannedFile[] files = [Plain(Today), Zst(Today - Day), Zst(Today - (2 * Day))];
        TaskCacheOptions options = Default with { RetainFor = TimeSpan.FromDays(7) };
        RotationPlan plan = RotationPlan.For(files, Today + 60, Today + (3_650 * Day), false, options);
        Assert.Empty(plan.Drop);
        Assert.NotNull(plan.Begin);
    }

    [Fact]
    public void A_future_file_does_not_push_out_the_one_of_today()
    {
        PlannedFile[] files = [Plain(Today + (3_650 * Day)), Plain(Today), Zst(Today - Day)];
        RotationPlan plan = RotationPlan.For(files, Today, Today, false, Default with { RetainFilesMax = 1, RetainBytesMax = 0 });
        Assert.Equal([new ArchiveName(Today - Day, true)], plan.Drop);
        Assert.Empty(RotationPlan.For(files, Today, Today, false, Default with { RetainFilesMax = 2 }).Drop);
    }

    // Invariants checked, over random tables: the newest file is never dropped, nor one that is begun; what is dropped is the oldest;
    // nothing is both dropped and compressed; what is begun is new, and not in the future.
    [Fact]
    public void Random_tables_never_break_the_rules()
    {
        var random = new Random(7);
        for (int run = 0; run < 20_000; run++)
        {
            PlannedFile[] files = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(40) * 50L).Distinct().OrderDescending()
                .Select(epoch => new PlannedFile(new ArchiveName(epoch, random.Next(2) == 0), random.Next(200), random.Next(20)))];
            long now = random.Next(2_000);
            TaskCacheOptions options = Default with
            {
                RotateAfter = TimeSpan.FromSeconds(random.Next(3) * 100),
                RotateRowsMax = random.Next(2) == 0 ? null : 10,
                RetainFilesMax = random.Next(2) == 0 ? null : random.Next(1, 4),
                RetainBytesMax = random.Next(2) == 0 ? null : random.Next(300),
                RetainFor = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(500)),
                PlainFiles = random.Next(3),
            };
            RotationPlan plan = RotationPlan.For(files, random.Next(2) == 0 ? null : random.Next(2_000), now, random.Next(2) == 0, options);
            long[] all = [.. files.Select(file => file.Name.Epoch)];
            Assert.True(plan.Begin is null || (plan.Begin <= now && !all.Contains(plan.Begin.Value)), $"run {run}");
            long newest = Math.Max(all[0], plan.Begin ?? 0);
            Assert.True(plan.Drop.All(name => name.Epoch < newest && all.Contains(name.Epoch)), $"run {run}");
            Assert.True(all.Except(plan.Drop.Select(name => name.Epoch)).All(kept => plan.Drop.All(name => name.Epoch < kept)), $"run {run}");
            Assert.True(!plan.Drop.Intersect(plan.Compress).Any() && plan.Compress.All(name => !name.Compressed), $"run {run}");
        }
    }

    private static PlannedFile Plain(long epoch) => new(new ArchiveName(epoch, Compressed: false), 10);

    private static PlannedFile Zst(long epoch) => new(new ArchiveName(epoch, Compressed: true), 10);
}
