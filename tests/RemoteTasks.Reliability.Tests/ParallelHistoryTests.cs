using System.Collections.Concurrent;
using CsCheck;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Threads that read and write one directory at a time, by one cache object or by two, as two processes would.</summary>
public sealed class ParallelHistoryTests(ITestOutputHelper output)
{
    private const int KeysMax = 6;

    // Invariant checked: there is an order of all that was done, one after the other, in which every reader would have seen what it saw, and the
    // cache would hold what it holds. Each version of a task has an end time of its own. All readers use the same cache object: what another one is just storing is seen
    // when the kernel has it, by who stores it when the disk has it.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_done_at_the_same_time_could_have_been_done_one_after_the_other(int caches)
    {
        string root = Root();
        long done = 0;
        try
        {
            Sample(root, caches, Effort.Of(usual: 1_000, nightly: 50_000), static shared => shared.Read(), () => Interlocked.Increment(ref done));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        output.WriteLine($"{Effort.Of(1_000, 50_000):N0} histories by {caches} cache objects, {done:N0} operations: all could have been one after the other");
    }

    // What finds nothing proves nothing until it is known to find what is there: a reader that looks at half of the tasks, and later at the others.
    [Fact]
    public void A_reader_of_two_halves_is_caught()
    {
        string root = Root();
        try
        {
            // It ends with the first history in which somebody writes between the two looks: on a busy machine that may be a late one.
            CsCheckException error = Assert.Throws<CsCheckException>(() => Sample(root, 2, 3_000, static shared => shared.ReadInHalves(), static () => { }));
            output.WriteLine(error.Message.Split('\n')[0]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Root() =>
        Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"remote-tasks-parallel-{Guid.NewGuid():N}")).FullName;

    private static void Sample(string root, int caches, int histories, Func<Shared, string> read, Action count)
    {
        Gen<(int Key, int Value, int Cache)> store = Gen.Select(Gen.Int[0, KeysMax - 1], Gen.Int[1, 1_000_000_000], Gen.Int[0, caches - 1]);
        Gen<int> look = Gen.Int;
        Gen<(int Id, int Cache)> move = Gen.Select(Gen.Int, Gen.Int[0, caches - 1]);
        Gen.Int[0, int.MaxValue].Select(seed => (new Shared(root, caches), new Plain())).SampleParallel(
            [
                store.Operation<Shared, Plain>(
                    call => $"store {call}", (shared, call) => Counted(() => shared.Store(call.Cache, call.Key, call.Value)), (plain, call) => plain.Tasks[call.Key] = call.Value),
                look.Operation<Shared, Plain>(
                    id => $"read {id}", (shared, id) => Counted(() => shared.Seen[id] = read(shared)), (plain, id) => plain.Seen[id] = plain.Read()),
                move.Operation<Shared, Plain>(call => $"apply {call}", (shared, call) => Counted(() => shared.Apply(call.Cache)), static (_, _) => { }),
                move.Operation<Shared, Plain>(call => $"rotate {call}", (shared, call) => Counted(() => shared.Rotate(call.Cache)), static (_, _) => { }),
            ],
            equal: static (shared, plain) => shared.Read() == plain.Read() && shared.Seen.OrderBy(seen => seen.Key).SequenceEqual(plain.Seen.OrderBy(seen => seen.Key)),
            maxSequentialOperations: 4,
            maxParallelOperations: 5,
            iter: histories,
            threads: Math.Max(2, Effort.WholeMachine.MaxDegreeOfParallelism),
            printActual: static shared => shared.ToString(),
            printModel: static plain => plain.ToString());

        void Counted(Action act)
        {
            count();
            act();
        }
    }

    /// <summary>The real thing.</summary>
    private sealed class Shared
    {
        private readonly Lazy<TaskCache[]> _caches;

        internal Shared(string root, int caches)
        {
            // The checker makes more of these than it uses.
            _caches = new Lazy<TaskCache[]>(() =>
            {
                string directory = Path.Combine(root, $"{Guid.NewGuid():N}");
                var options = new TaskCacheOptions { InitialFiles = 1, RotateAfter = TimeSpan.Zero, RetainBytesMax = null, LockTimeout = TimeSpan.FromSeconds(60) };
                TaskCache[] made = [.. Enumerable.Range(0, caches).Select(_ => TaskCache.Open(directory, options))];
                made[0].Write().Dispose();
                return made;
            });
        }

        internal ConcurrentDictionary<int, string> Seen { get; } = [];

        internal void Store(int cache, int key, int value)
        {
            using CacheWriter writer = _caches.Value[cache].Write();
            writer.Update(new TaskBatch { Tasks = [new TaskRecord($"pve:r!UPID:n:00000001:00000002:0000000{key}:t::u:", key, "OK", value)] });
        }

        internal string Read()
        {
            using CacheReader reader = _caches.Value[0].Read();
            return string.Join(' ', reader.List(new TaskQuery { Limit = 0 }).Rows.Select(row => $"{row.StartTime}={row.EndTime}"));
        }

        /// <summary>A mistake.</summary>
        internal string ReadInHalves()
        {
            string newer = Read();
            Thread.Sleep(2);
            string older = Read();
            return string.Join(' ', newer.Split(' ').Where(task => task.Length > 0 && task[0] >= '3').Concat(older.Split(' ').Where(task => task.Length > 0 && task[0] < '3')));
        }

        internal void Apply(int cache)
        {
            using CacheWriter writer = _caches.Value[cache].Write();
            writer.ApplyJournal();
        }

        internal void Rotate(int cache)
        {
            using CacheWriter writer = _caches.Value[cache].Write();
            writer.Rotate(force: true);
        }

        public override string ToString() => $"{Read()}; seen: {string.Join(" / ", Seen)}";
    }

    /// <summary>What it must be like.</summary>
    private sealed class Plain
    {
        internal SortedDictionary<int, int> Tasks { get; } = [];

        internal Dictionary<int, string> Seen { get; } = [];

        internal string Read() => string.Join(' ', Tasks.Reverse().Select(task => $"{task.Key}={task.Value}"));

        public override string ToString() => $"{Read()}; seen: {string.Join(" / ", Seen)}";
    }
}
