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
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private static volatile bool _isTooLong;
    private static Timer? _timer;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        _isTooLong = false;
        _timer = new Timer(
            static _ =>
            {
                _isTooLong = true;
                ActiveMutant.TakeBack();
            },
            state: null,
            Longest,
            Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        _timer?.Dispose();
        if (_isTooLong)
            throw new TimeoutException($"It has not ended within {Longest.TotalSeconds} s, or only when the mistake was taken back.");
    }
}
