using System.CommandLine;
using RemoteTasks.Benchmarks.Compare;

return new RootCommand("How fast, how small: the engine beside what else one could take.")
{
    CompareCommand.Create(),
}.Parse(args).Invoke();
