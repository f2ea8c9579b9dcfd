using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace RemoteTasks.Benchmarks.Micro;

/// <summary><c>micro</c>: the inner loops, under BenchmarkDotNet. What follows is handed to it (<c>--filter</c>, <c>--list</c>).</summary>
internal static class MicroCommand
{
    private const int IterationsMax = 20;

    internal static Command Create()
    {
        var rest = new Argument<string[]>("ARGS") { Description = "Arguments of BenchmarkDotNet.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("micro", "The inner loops one by one: UPID, line, block, merge.") { rest };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed =>
        {
            // In this process: a generated project would not find the package versions and rules of this house.
            IConfig config = DefaultConfig.Instance
                .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithMaxIterationCount(IterationsMax))
                .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "remote-tasks-bench-micro"));
            string[] args = [.. parsed.GetValue(rest) ?? [], .. parsed.UnmatchedTokens];
            BenchmarkSwitcher.FromTypes([typeof(LineBenchmarks), typeof(BlockBenchmarks), typeof(MergeBenchmarks)]).Run(args.Length > 0 ? args : ["--filter", "*"], config);
            return 0;
        });
        return command;
    }
}
