using System.Runtime.CompilerServices;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Planted;

namespace RemoteTasks.Reliability.Tests;

/// <summary>No sync, order or check can be taken out of the engine without a test of the gate that fails.</summary>
public sealed class PlantedSourceTests(ITestOutputHelper output)
{
    // What no longer fits would be planted nowhere, and found by nobody.
    [Fact]
    public void Every_mistake_has_its_place_in_the_sources()
    {
        string[] homeless = [.. SourceBug.All.Where(bug => Count(bug) != 1).Select(bug => $"{bug}: {Count(bug)} places")];
        output.WriteLine($"{SourceBug.All.Count} mistakes, {homeless.Length} without a place of their own");
        Assert.Empty(homeless);
    }

    [Fact]
    public void Every_mistake_turns_the_gate_red()
    {
        Assert.SkipUnless(Effort.IsNightly, "NOT TESTED: this builds the engine once for each mistake. Run it by tests/nightly planted");
        using var copy = new SourceCopy(Root());

        // A test that fails only in the copy would notice every mistake.
        Assert.Null(copy.FirstFailedTest());
        var missed = new List<string>();
        foreach (SourceBug bug in SourceBug.All)
        {
            string? caught = copy.Catch(bug);
            output.WriteLine($"{bug}: {caught ?? "NOT CAUGHT"}");
            if (caught is null)
                missed.Add(bug.ToString());
        }

        output.WriteLine($"{SourceBug.All.Count} mistakes, {missed.Count} not caught");
        Assert.Empty(missed);
    }

    private static int Count(SourceBug bug) => File.ReadAllText(Path.Combine(Root(), SourceBug.Folder, bug.File)).Split(bug.Text).Length - 1;

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
