using System.Collections.Concurrent;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Trace;

namespace RemoteTasks.Reliability.Tests;

/// <summary>What the real processes asked the real kernel for, and every disk that a crash could have left behind it.</summary>
public sealed class TraceTests(ITestOutputHelper output)
{
    // The bar is a number of different disks: more seeds follow when these do not make as many.
    private const int Seeds = 5;
    private const int SeedsMax = 300;
    private const int TriesMax = 4;

    private static readonly Lazy<Task<IReadOnlyList<Recording>>> Sample = new(RecordSampleAsync);

    private static readonly int DisksMin = Effort.IsNightly ? 200_000 : 10_000;
    private static readonly int Parts = Effort.IsNightly ? 40 : 12;

    // Invariants checked on every disk: what was acknowledged before the crash is shown, once, in its last version and in order; nothing else is; no
    // cut-off claims what is not stored; nothing is unreadable but what was torn from the midst of an append; a writer recovers it and goes on.
    [Fact]
    public async Task What_was_acknowledged_survives_every_crash_that_the_real_calls_allow()
    {
        Strace.SkipIfMissing();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var figures = new ReplayFigures();
        var broken = new List<string>();
        int traces = 0;
        int calls = 0;
        for (int seed = 1; seed <= Seeds || (figures.Disks.Count < DisksMin && seed <= SeedsMax); seed++)
        {
            // The command line takes half a second for each command; scripts do many in one.
            List<Recording> recordings = [await Recording.OfScriptAsync(seed)];
            if (seed % 10 == 1)
                recordings.Add(await Recording.OfProductAsync(seed, now));
            foreach (Recording recording in recordings)
            {
                traces++;
                calls += recording.Events.Count;
                if (new Replay(recording.Name, seed, Parts, figures).Broken(recording.Files, recording.Events) is { } promise)
                    broken.Add(promise);
            }
        }

        output.WriteLine($"{traces} traces, {calls:N0} calls; {figures}; broken {broken.Count}");
        foreach (string message in broken)
            output.WriteLine(message);
        Assert.True(broken.Count == 0, $"{broken.Count} of {traces} traces break a promise, the first: {broken.FirstOrDefault()}");
        Assert.True(figures.Disks.Count >= DisksMin, $"Only {figures.Disks.Count} different disks, {DisksMin} are the bar.");
    }

    // A harness that finds nothing proves nothing until it is known to find what is there.
    [Fact]
    public async Task Every_sync_that_is_missing_and_every_wrong_order_is_found()
    {
        Strace.SkipIfMissing();
        IReadOnlyList<Recording> recordings = await SampleAsync();
        var missed = new ConcurrentBag<string>();
        Parallel.ForEach(TraceBug.All, Effort.WholeMachine, bug =>
        {
            string? found = recordings.Select(recording => Find(bug, recording)).FirstOrDefault(broken => broken is not null);
            output.WriteLine($"{bug}: {Short(found) ?? "NOT FOUND"}");
            if (found is null)
                missed.Add(bug.Name);
        });
        Assert.Empty(missed);
    }

    [Fact]
    public async Task What_is_harmless_is_known_by_name()
    {
        Strace.SkipIfMissing();
        IReadOnlyList<Recording> recordings = Effort.IsNightly ? await SampleAsync() : [await Recording.OfScriptAsync(1)];
        foreach (TraceBug bug in TraceBug.Harmless)
        {
            string? found = recordings.Select(recording => Find(bug, recording)).FirstOrDefault(broken => broken is not null);
            output.WriteLine($"{bug}: {Short(found) ?? "harmless"}");
            Assert.Null(found);
        }
    }

    // One single sync of each kind is left out, everything else stays: somewhere in the traces it was the one that everything depended on. By night
    // each single one is left out, to be counted.
    [Fact]
    public async Task Each_kind_of_sync_is_needed_somewhere()
    {
        Strace.SkipIfMissing();
        IReadOnlyList<Recording> recordings = await SampleAsync();
        var syncs = recordings
            .SelectMany(recording => TraceLabels.Of(recording.Events).Select((label, call) => (Label: label, Recording: recording, Call: call)))
            .Where(sync => sync.Recording.Events[sync.Call].IsSync)
            .ToLookup(sync => sync.Label, StringComparer.Ordinal);
        var kinds = new ConcurrentDictionary<string, (int Needed, int All)>(StringComparer.Ordinal);
        Parallel.ForEach(syncs, Effort.WholeMachine, kind =>
        {
            int tries = TraceBug.HarmlessSyncs.ContainsKey(kind.Key) ? TriesMax : int.MaxValue;
            (int needed, int all) = (0, 0);
            foreach ((_, Recording recording, int call) in kind)
            {
                if (!Effort.IsNightly && (needed > 0 || all == tries))
                    break;
                needed += IsNeeded(recording, call) ? 1 : 0;
                all++;
            }

            kinds[kind.Key] = (needed, all);
        });

        foreach ((string kind, (int needed, int all)) in kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal))
            output.WriteLine($"{kind}: {needed} of {all} left out were missed {(needed > 0 ? "" : TraceBug.HarmlessSyncs.GetValueOrDefault(kind))}");
        Assert.Empty(kinds.Where(kind => kind.Value.Needed == 0).Select(kind => kind.Key).Except(TraceBug.HarmlessSyncs.Keys));
    }

    private static bool IsNeeded(Recording recording, int sync)
    {
        string? Broken(IReadOnlyList<TraceEvent> events) =>
            new Replay(recording.Name, sync, parts: 4, new ReplayFigures()).Broken(recording.Files, events, sync, count: 60);
        bool isNeeded = Broken(TraceBug.Without(recording.Events, sync)) is not null;
        if (isNeeded)
            Assert.Null(Broken(recording.Events));
        return isNeeded;
    }

    /// <summary>The same for every test: recorded once.</summary>
    private static Task<IReadOnlyList<Recording>> SampleAsync() => Sample.Value;

    private static async Task<IReadOnlyList<Recording>> RecordSampleAsync()
    {
        // Killed when all is written but the last name is not synced: the next process finds nothing to write, and acknowledges.
        int quiet = Enumerable.Range(0, 9).Select(i => (2 * i) + 1)
            .First(seed => new Script(seed).Options.JournalBytesMax > Script.SmallJournalBytes);
        Recording whole = await Recording.OfScriptAsync(quiet);
        Recording killed = await Recording.OfScriptAsync(quiet, killAt: SyncNumber(whole, "names state"));
        return
        [
            killed,
            await Recording.OfScriptAsync(1),
            await Recording.OfScriptAsync(48),
            await Recording.OfProductAsync(1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()),
            whole,
        ];
    }

    /// <summary>Which of all syncs is the first of a kind, from 1.</summary>
    private static int SyncNumber(Recording recording, string label)
    {
        string[] labels = TraceLabels.Of(recording.Events);
        return Enumerable.Range(0, Array.IndexOf(labels, label) + 1)
            .Count(i => recording.Events[i].IsSync);
    }

    private static string? Find(TraceBug bug, Recording recording)
    {
        List<TraceEvent> wrong = bug.Make(recording.Events, TraceLabels.Of(recording.Events));
        return wrong.SequenceEqual(recording.Events)
            ? null : new Replay(recording.Name, 1, parts: 4, new ReplayFigures()).Broken(recording.Files, wrong);
    }

    private static string? Short(string? text) => text?.Length > 200 ? text[..200] : text;
}
