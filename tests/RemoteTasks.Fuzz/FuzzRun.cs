using System.Diagnostics;

namespace RemoteTasks.Fuzz;

/// <summary>
/// Feeds inputs to a target, and watches: what it throws, how long it takes, how much it allocates. An input that fails does not end the run; one that
/// does not come back does.
/// </summary>
public sealed class FuzzRun
{
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(20);
    private const long AllocatedMax = 256L << 20;
    private const int FailuresMax = 20;

    private readonly FuzzTarget _target;
    private readonly List<FuzzFailure> _failures = [];
    private readonly HashSet<string> _seen = [];
    private long _begun;
    private byte[] _current = [];

    private FuzzRun(FuzzTarget target) => _target = target;

    /// <summary>Inputs so far.</summary>
    public long Inputs { get; private set; }

    /// <summary>The slowest input.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The most that was allocated for one, in bytes.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>What failed, each place in the code once.</summary>
    public IReadOnlyList<FuzzFailure> Failures => _failures;

    /// <summary>Runs each known input, and some mutations of each.</summary>
    /// <param name="target">What reads them.</param>
    /// <param name="known">The corpus; all of it is run, however long it takes.</param>
    /// <param name="mutations">How many of each.</param>
    /// <param name="seed">Every mutation follows from it.</param>
    /// <param name="timeMax">When to stop making mutations at the latest.</param>
    public static FuzzRun Replay(FuzzTarget target, IReadOnlyList<byte[]> known, int mutations, int seed, TimeSpan timeMax)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(known);
        return Watched(target, known, Mutations(), timeMax);

        IEnumerable<byte[]> Mutations()
        {
            var mutator = new Mutator(seed, known, target.Words);
            for (int i = 0; i < mutations; i++)
            {
                foreach (byte[] input in known)
                    yield return mutator.Changed(input);
            }
        }
    }

    /// <summary>Runs mutations of known inputs.</summary>
    /// <param name="target">What reads them.</param>
    /// <param name="known">The corpus.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Every mutation follows from it.</param>
    /// <param name="timeMax">When to stop at the latest.</param>
    public static FuzzRun Random(FuzzTarget target, IReadOnlyList<byte[]> known, long count, int seed, TimeSpan timeMax)
    {
        ArgumentNullException.ThrowIfNull(target);
        var mutator = new Mutator(seed, known, target.Words);
        return Watched(target, [], Mutations(), timeMax);

        IEnumerable<byte[]> Mutations()
        {
            for (long i = 0; i < count; i++)
                yield return mutator.Next();
        }
    }

    private static FuzzRun Watched(FuzzTarget target, IReadOnlyList<byte[]> known, IEnumerable<byte[]> inputs, TimeSpan timeMax)
    {
        var run = new FuzzRun(target);
        var worker = new Thread(() => run.Run(known, inputs, timeMax)) { IsBackground = true };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(200)))
        {
            long begun = Volatile.Read(ref run._begun);
            if (begun == 0 || Stopwatch.GetElapsedTime(begun) <= HangsAfter)
                continue;

            // The thread is left to itself: nothing can stop it.
            run._failures.Add(new FuzzFailure(run._current, $"hangs: no end after {HangsAfter.TotalSeconds:0} s"));
            break;
        }

        return run;
    }

    private void Run(IReadOnlyList<byte[]> known, IEnumerable<byte[]> inputs, TimeSpan timeMax)
    {
        foreach (byte[] input in known)
            Run(input);
        long started = Stopwatch.GetTimestamp();
        foreach (byte[] input in inputs)
        {
            Run(input);
            if (_failures.Count >= FailuresMax || Stopwatch.GetElapsedTime(started) > timeMax)
                return;
        }
    }

    private void Run(byte[] input)
    {
        Inputs++;
        TimeSpan took = Time(input);

        // On a machine that does other things too, slow means slow twice.
        if (took > SlowAfter && (took = TimeSpan.FromTicks(Math.Min(took.Ticks, Time(input).Ticks))) > SlowAfter)
            Fail(input, $"slow: {took.TotalSeconds:0.0} s", "slow");
        Slowest = took > Slowest ? took : Slowest;
    }

    private TimeSpan Time(byte[] input)
    {
        _current = input;
        long begun = Stopwatch.GetTimestamp();
        Volatile.Write(ref _begun, begun);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Run(input);
        }
#pragma warning disable CA1031 // Whatever comes out of a target is what is looked for.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(input, error.ToString(), PlaceOf(error));
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        MostAllocated = Math.Max(MostAllocated, allocated);
        if (allocated > AllocatedMax)
            Fail(input, $"allocates {allocated >> 20} MiB", "allocates");
        Volatile.Write(ref _begun, 0);
        return Stopwatch.GetElapsedTime(begun);
    }

    private void Fail(byte[] input, string problem, string place)
    {
        if (_failures.Count < FailuresMax && _seen.Add(place))
            _failures.Add(new FuzzFailure(input, problem));
    }

    /// <summary>Where it was thrown; failures of one place are one failure.</summary>
    private static string PlaceOf(Exception error) => error is BrokenInvariantException
        ? string.Concat(error.Message.TakeWhile(c => c != ':'))
        : $"{error.GetType().Name} {string.Join('|', (error.StackTrace ?? "").Split('\n').Take(2))}";
}

/// <summary>An input that failed, and how.</summary>
public sealed record FuzzFailure(byte[] Input, string Problem);
