using System.Reflection;
using RemoteTasks.Mutation.Tests;
using Xunit.v3;

[assembly: NeverEnding]

namespace RemoteTasks.Mutation.Tests;

/// <summary>
/// Notices a mistake that keeps a test from ending: when the test has taken many times as long as any does, the mistake is taken back, so that the test can end,
/// and the test fails. Otherwise dotnet-stryker would wait for as long as all tests take together, and a while, and begin a new process.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class NeverEndingAttribute : BeforeAfterTestAttribute
{
    // Of the processor, not of the clock: other runs have their share of it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private static volatile bool _isTooLong;
    private static Timer? _timer;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        _isTooLong = false;
        TimeSpan began = Environment.CpuUsage.TotalTime;
        _timer = new Timer(_ => Look(began), state: null, Tick, Tick);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        _timer?.Dispose();
        if (_isTooLong)
            throw new TimeoutException($"It has not ended within {Longest.TotalSeconds} s of the processor, or only when the mistake was taken back.");
    }

    private static void Look(TimeSpan began)
    {
        if (Environment.CpuUsage.TotalTime - began < Longest)
            return;
        _isTooLong = true;
        ActiveMutant.TakeBack();
    }
}
