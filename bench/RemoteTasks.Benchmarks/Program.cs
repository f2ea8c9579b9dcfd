using System.CommandLine;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Load;
using RemoteTasks.Benchmarks.Micro;
using RemoteTasks.Benchmarks.Scale;

return new RootCommand("How fast, how small: the engine beside what else one could take.")
{
    CompareCommand.Create(),
    FillCommand.Create(),
    ScaleCommand.Create(),
    LoadCommand.Create(),
    MicroCommand.Create(),
}.Parse(args).Invoke();
