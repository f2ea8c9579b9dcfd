using CsCheck;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;
using RemoteTasks.Reliability.Tests.Model;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Random histories, each answer compared with two dictionaries; one that fails is made shorter until its reason shows.</summary>
public sealed class ModelHistoryTests(ITestOutputHelper output)
{
    private const int StepsMax = 8;

    private static readonly int HistoryCount = Effort.Of(usual: 10_000, nightly: 200_000, mutation: 100);

    private static readonly StepKind[] Kinds =
        [StepKind.Command, StepKind.Command, StepKind.Command, StepKind.Command, StepKind.Rubbish, StepKind.Forget, StepKind.Reopen, StepKind.PowerFailure, StepKind.Interrupted];

    // Invariants checked: after every step the rows (every field, in order), the total, a page of a random question, the cut-off and, at some ends,
    // every page, filter, count and the whole consistency check are the model's; across processes and power failures too.
    [Fact]
    public void Histories_of_any_kind_answer_like_the_model()
    {
        long histories = 0;
        long steps = 0;
        Histories.Sample(
            history =>
            {
                Interlocked.Increment(ref histories);
                Interlocked.Add(ref steps, history.Steps.Length);
                Life.Run(history.Seed, history.Steps);
            },
            iter: HistoryCount,
            threads: Effort.WholeMachine.MaxDegreeOfParallelism,
            print: history => $"Life.Run({history.Seed}, [{string.Join(", ", history.Steps)}])");
        output.WriteLine($"{histories:N0} histories, {steps:N0} steps: 0 answers that are not the model's");
    }

    // Once failed: bytes lost from the midst of an append are reported as damage, which is promised, and must be healed by what a poller does then.
    [Fact]
    public void A_batch_torn_in_its_midst_is_reported_and_healed() => Life.Run(
        1258, [new(StepKind.PowerFailure, 37538), new(StepKind.Interrupted, 337019), new(StepKind.Command, 145388), new(StepKind.Command, 82517)]);

    // What finds nothing proves nothing until it is known to find what is there.
    [Fact]
    public void A_journal_that_is_not_synced_is_caught()
    {
        CsCheckException error = Assert.Throws<CsCheckException>(() => Histories.Sample(
            history => Life.Run(history.Seed, history.Steps, PlantedBug.All[0].Plant), iter: 300, threads: 1, print: history => string.Join(", ", history.Steps)));
        output.WriteLine(error.Message.Split('\n')[0]);
    }

    private static Gen<(int Seed, Step[] Steps)> Histories { get; } = Gen.Select(
        Gen.Int[0, 10_000], Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 1_000_000], (kind, seed) => new Step(Kinds[kind], seed)).Array[1, StepsMax]);
}
