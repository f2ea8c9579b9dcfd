using System.CommandLine;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary><c>fill</c>: the first fill of one engine for <c>compare</c>, which reads the result from standard output as JSON.</summary>
internal static class FillCommand
{
    internal const string Name = "fill";

    internal static Command Create()
    {
        var kind = new Argument<EngineKind>("engine");
        var into = new Option<string>("--into") { Required = true };
        var now = new Option<long>("--now") { Required = true };
        var data = new DataOptions();
        var command = new Command(Name, "Fills one engine; compare runs it.") { kind, into, now, data.Tasks, data.File };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            using Engine engine = Engine.Open(parsed.GetValue(kind), parsed.GetValue(into)!);
            FirstFill fill = FirstFill.Run(engine, data.Open(parsed), parsed.GetValue(now));
            Console.WriteLine(JsonSerializer.Serialize(fill));
        });
        return command;
    }
}
