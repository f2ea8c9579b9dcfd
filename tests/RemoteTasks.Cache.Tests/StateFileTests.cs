using System.Text;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache.Tests;

/// <summary>What is a state and what is not.</summary>
public sealed class StateFileTests
{
    [Theory]
    [InlineData("""{"remote-state":null,"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":null},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":null}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"m":{"cutoff":1},"n":null}}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"m":{"cutoff":1},"n":{"gaps":[null]}}}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"m":{}}},"b":{"node-state":{"n":null}}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":null}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[null]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"repairs":[null]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"repairs":[{"file":"archive.1","from":1,"to":2}]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"repairs":[{"problem":"cut","from":1,"to":2}]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renaming":{"from":"a"}}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renaming":{"to":"a"}}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renamed":{"from":"a","to":"not an id"}}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"x":"\ud800"}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{},"x":"\ud800"},"b":{"node-state":{}}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"m":{},"n":{"x":"\ud800"}}}},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"n":{"x":"\ud800"}}},"b":{"node-state":{}}},"tracked-tasks":[]}""")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_says_null_or_cannot_be_written_again_is_none(string text) => Assert.Null(StateFile.Parse(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("""{"remote-state":{},"tracked-tasks":[]}""")]
    [InlineData("""{"remote-state":{"a":{"node-state":{"n":{"cutoff":1,"gaps":[{"from":1,"to":2}],"x":1},"m":{}},"x":{"y":"z"}}},"tracked-tasks":["t"],"x":[1]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"repairs":[{"file":"archive.1","from":1,"to":2,"problem":"cut"}]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renaming":{"from":"a","to":"b"},"renamed":{"from":"c","to":"a"}}""")]
    public void What_others_have_in_it_besides_does_not_matter(string text) => Assert.NotNull(StateFile.Parse(Encoding.UTF8.GetBytes(text)));
}
