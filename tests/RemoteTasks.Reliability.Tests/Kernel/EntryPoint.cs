using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>The executable runs the tests, or, when a test starts it again, does the work that is going to be interrupted.</summary>
internal static class EntryPoint
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [Workload.Word, .. var rest])
            return Workload.Run(rest);

        // As the entry point does that would be generated: development tools ask in words of their own.
        return args.Any(static arg => arg is "-automated" or "@@")
            ? await ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
