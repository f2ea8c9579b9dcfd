using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Tasks;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class TaskFiltersTests
{
    private static readonly Uri Page = new("http://host/sub/tasks?remote=a&statusfilter=error&statusfilter=unknown&since=100&text=no%20space%26more&task=pve%3Aa!UPID&start=7");

    [Fact]
    public void The_address_of_a_page_is_a_question_in_the_words_of_the_api()
    {
        TaskFilters filters = TaskFilters.Of(Page);
        Assert.Equal("a", filters.Query.Remote);
        Assert.Equal([StatusClass.Error, StatusClass.Unknown], filters.Query.Statuses);
        Assert.Equal(100, filters.Query.Since);
        Assert.Equal("no space&more", filters.Query.Text);
        Assert.Equal("pve:a!UPID", filters.Opened);
        Assert.Equal(0, filters.Query.Start);
        Assert.Empty(filters.Problems);
    }

    [Fact]
    public void An_address_that_was_made_asks_the_same_again()
    {
        TaskFilters filters = TaskFilters.Of(Page);
        TaskFilters again = TaskFilters.Of(new Uri(new Uri("http://host/sub/"), filters.Url("pve:b!UPID:")));
        Assert.Equal(filters.Key, again.Key);
        Assert.Equal(filters.Query.Text, again.Query.Text);
        Assert.Equal("pve:b!UPID:", again.Opened);
        Assert.Null(TaskFilters.Of(new Uri(new Uri("http://host/"), filters.Url())).Opened);
    }

    [Fact]
    public void Status_classes_are_let_through_and_taken_back()
    {
        TaskFilters filters = TaskFilters.Of(Page).Toggle(StatusClass.Error).Toggle(StatusClass.Running);
        Assert.Equal("unknown,running", filters["statusfilter"]);
        Assert.Null(filters.Toggle(StatusClass.Unknown).Toggle(StatusClass.Running)["statusfilter"]);
    }

    [Fact]
    public void What_is_wrong_is_named_and_the_rest_still_filters()
    {
        TaskFilters filters = TaskFilters.Of(new Uri("http://host/tasks?guest=abc&remote=a&nonsense=1"));
        Assert.Equal(["guest", "nonsense"], filters.Problems.Keys.Order());
        Assert.Equal("a", filters.Query.Remote);
    }
}
