using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("plain text", "plain text")]
    [InlineData("Grüße 日本 😀", "Grüße 日本 😀")]
    [InlineData("a\tb\nc\u0000", "a␉b␊c␀")]
    [InlineData("\u001b[31mred\u007f", "␛[31mred␡")]
    [InlineData("abc\u202Efed\u202C", "abc⟨U+202E⟩fed⟨U+202C⟩")]
    [InlineData("zero\u200Bwidth\u2066x\u2069", "zero⟨U+200B⟩width⟨U+2066⟩x⟨U+2069⟩")]
    [InlineData("line\u2028end\u0085", "line⟨U+2028⟩end⟨U+0085⟩")]
    public void What_cannot_be_seen_is_shown_as_what_it_is(string? text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    [Fact]
    public void Half_a_character_is_shown_as_none() => Assert.Equal("lone \uFFFD half", VisibleText.Of("lone \uD800 half"));

    [Fact]
    public void Long_text_is_cut_where_no_character_breaks()
    {
        Assert.Equal("abcd…", VisibleText.Of("abcdef", 4));
        Assert.Equal("abc…", VisibleText.Of("abc😀f", 4));
        Assert.Equal("abcd", VisibleText.Of("abcd", 4));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(-5, "0s")]
    [InlineData(61, "1m 01s")]
    [InlineData(3_725, "1h 02m")]
    [InlineData(180_000, "2d 02h")]
    [InlineData(long.MaxValue, "10675199d 02h")]
    public void Durations_have_two_units(long seconds, string shown) => Assert.Equal(shown, Durations.Text(seconds));

    [Fact]
    public void Known_types_have_words_and_others_are_shown_as_they_are()
    {
        Assert.Equal("VM: start", WorkerTypes.Text("qmstart"));
        Assert.Equal("Collect garbage", WorkerTypes.Text("garbage_collection"));
        Assert.Equal("some-plugin", WorkerTypes.Text("some-plugin"));
        Assert.Equal("bad⟨U+202E⟩type", WorkerTypes.Text("bad\u202Etype"));
    }
}
