using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests;

/// <summary>What errors of a disk say.</summary>
public sealed class DiskErrorsTests
{
    // The file is named beside it already; what is no errno has only its text.
    [Theory]
    [InlineData(5, "errno 5")]
    [InlineData(4095, "errno 4095")]
    [InlineData(0, "text")]
    [InlineData(-2146232800, "text")]
    [InlineData(4096, "text")]
    public void A_cause_is_an_errno_or_a_text(int error, string cause) => Assert.Equal(cause, DiskErrors.Cause(new IOException("text", error)));

    [Theory]
    [InlineData("read", 5, true)]
    [InlineData("read", 61, true)]
    [InlineData("read", 74, true)]
    [InlineData("read", 117, true)]
    [InlineData("read", 28, false)]
    [InlineData("write to", 5, false)]
    public void Only_what_cannot_be_read_is_a_bad_sector_and_says_what_helps(string action, int error, bool isBad)
    {
        IOException failure = Libc.Failure(error, action, "/file");
        Assert.Equal((isBad, error), (failure is UnreadableException, failure.HResult));
        Assert.Equal(isBad, failure.Message.Contains("remote-tasks check --repair", StringComparison.Ordinal));
        Assert.StartsWith($"Cannot {action} '/file': ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_be_opened_is_of_others() =>
        Assert.Equal([true, false, false], new[] { 13, 1, 5 }.Select(error => DiskErrors.IsForbidden(new IOException("text", error))));
}
