using System.CommandLine;
using System.Diagnostics;
using RemoteTasks.Fuzz;
using SharpFuzz;

var name = new Argument<string>("TARGET") { Description = "What reads the bytes: see 'list'." };
name.Validators.Add(result =>
{
    if (FuzzTarget.Find(result.GetValueOrDefault<string>()) is null)
        result.AddError($"There is no target '{result.GetValueOrDefault<string>()}'. Known: {string.Join(", ", FuzzTarget.All.Select(target => target.Name))}.");
});
var seed = new Option<int>("--seed") { Description = "Every mutation follows from it.", DefaultValueFactory = _ => 1 };
var count = new Option<long>("--count") { Description = "Inputs to run.", DefaultValueFactory = _ => 100_000 };
var seconds = new Option<double>("--seconds") { Description = "When to stop at the latest.", DefaultValueFactory = _ => 3600 };
var corpus = new Option<string?>("--corpus") { Description = "Folder of known inputs; by default those that come with this program." };
var failures = new Option<string?>("--failures") { Description = "Folder that gets every input that failed, and a text that says how." };
var files = new Argument<string[]>("FILE") { Description = "Inputs, one a file.", Arity = ArgumentArity.OneOrMore };

var list = new Command("list", "Names the targets.");
list.SetAction(_ =>
{
    foreach (FuzzTarget target in FuzzTarget.All)
        Console.WriteLine($"{target.Name,-10}{target.Description}");
});

var run = new Command("run", "Feeds mutations of known inputs to a target. Exit code 1: something failed.") { name, seed, count, seconds, corpus, failures };
run.SetAction(parsed =>
{
    FuzzTarget target = FuzzTarget.Find(parsed.GetRequiredValue(name))!;
    IReadOnlyList<byte[]> known = parsed.GetValue(corpus) is { } folder ? Corpus.In(folder) : Corpus.Of(target);
    var watch = Stopwatch.StartNew();
    FuzzRun result = FuzzRun.Random(target, known, parsed.GetValue(count), parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
    Console.WriteLine($"{target.Name}: {result.Inputs:N0} inputs of {known.Count} known ones in {watch.Elapsed.TotalSeconds:0.0} s, {result.Failures.Count} failed; "
        + $"the slowest took {result.Slowest.TotalMilliseconds:0.0} ms, the hungriest {result.MostAllocated >> 10} KiB; peak memory {PeakMiB()} MiB");
    return Report(result.Failures, parsed.GetValue(failures));
});

var replay = new Command("replay", "Runs inputs as they are. Exit code 1: something failed.") { name, files };
replay.SetAction(parsed =>
{
    FuzzTarget target = FuzzTarget.Find(parsed.GetRequiredValue(name))!;
    byte[][] inputs = [.. parsed.GetRequiredValue(files).Select(File.ReadAllBytes)];
    FuzzRun result = FuzzRun.Replay(target, inputs, mutations: 0, seed: 0, TimeSpan.MaxValue);
    Console.WriteLine($"{target.Name}: {result.Inputs:N0} inputs, {result.Failures.Count} failed; the slowest took {result.Slowest.TotalMilliseconds:0.0} ms; peak memory {PeakMiB()} MiB");
    return Report(result.Failures, null);
});

var afl = new Command("afl", "Serves afl-fuzz, which starts this: see afl.sh.") { name };
afl.SetAction(parsed =>
{
    FuzzTarget target = FuzzTarget.Find(parsed.GetRequiredValue(name))!;
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        target.Run(bytes.ToArray());
    });
});

return new RootCommand("Hostile bytes for everything in RemoteTasks that reads some.") { list, run, replay, afl }.Parse(args).Invoke();

static long PeakMiB()
{
    using var process = Process.GetCurrentProcess();
    return process.PeakWorkingSet64 >> 20;
}

static int Report(IReadOnlyList<FuzzFailure> failures, string? folder)
{
    for (int i = 0; i < failures.Count; i++)
    {
        Console.WriteLine($"--- {failures[i].Input.Length} bytes: {failures[i].Problem}");
        if (folder is null)
            continue;
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"failure-{i}"), failures[i].Input);
        File.WriteAllText(Path.Combine(folder, $"failure-{i}.txt"), failures[i].Problem);
    }

    return failures.Count == 0 ? 0 : 1;
}
