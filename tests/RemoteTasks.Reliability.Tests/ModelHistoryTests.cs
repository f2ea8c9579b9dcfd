using CsCheck;
using RemoteTasks.Reliability.Tests.Model;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Random histories, each answer compared with two dictionaries; one that fails is made shorter until its reason shows.</summary>
public sealed class ModelHistoryTests(ITestOutputHelper output)
{
    private const int StepsMax = 8;

    private static readonly StepKind[] Kinds =
        [StepKind.Command, StepKind.Command, StepKind.Command, StepKind.Command, StepKind.Rubbish, StepKind.Forget, StepKind.Reopen, StepKind.PowerFailure, StepKind.Interrupted];

    // Invariants checked: after every step the rows (every field, in order), the total, a page of a random question, the cut-off and, at the end,
    // every page, filter, count and the whole consistency check are the model's; across processes and power failures too.
    [Fact]
    public void Histories_of_any_kind_answer_like_the_model()
    {
        Gen<Step> step = Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 1_000_000], (kind, seed) => new Step(Kinds[kind], seed));
        long steps = 0;
        Gen.Select(Gen.Int[0, 10_000], step.Array[1, StepsMax]).Sample(
            (seed, history) =>
            {
                Interlocked.Add(ref steps, history.Length);
                Life.Run(seed, history);
            },
            iter: Effort.Of(usual: 10_000, nightly: 200_000),
            threads: Effort.HalfOfTheMachine.MaxDegreeOfParallelism,
            print: history => $"Life.Run({history.Item1}, [{string.Join(", ", history.Item2)}])");
        output.WriteLine($"{Effort.Of(10_000, 200_000):N0} histories, {steps:N0} steps: 0 answers that are not the model's");
    }
}
