using RemoteTasks.Proxmox.Answers;

namespace RemoteTasks.Proxmox.Tests;

public sealed class TaskListQueryTests
{
    private static readonly TaskListParameters Everything = new()
    {
        Source = TaskSource.Active,
        Since = 10,
        Until = 20,
        Start = 30,
        Limit = 40,
        TypeFilter = "qm&start",
        UserFilter = "a@pam!t ö",
        StatusFilter = ["Error", "warning"],
        Errors = true,
    };

    [Fact]
    public void Pve_is_asked_with_source_guest_and_one_list_of_statuses() => Assert.Equal(
        "?start=30&limit=40&since=10&until=20&typefilter=qm%26start&userfilter=a%40pam%21t%20%C3%B6&errors=1&source=active&vmid=100&statusfilter=error%2Cwarning",
        TaskListQuery.Build(Everything with { VmId = 100 }, RemoteType.Pve));

    [Fact]
    public void Pbs_is_asked_for_running_ones_and_with_a_repeated_status() => Assert.Equal(
        "?start=30&limit=40&since=10&until=20&typefilter=qm%26start&userfilter=a%40pam%21t%20%C3%B6&errors=1&running=1&statusfilter=error&statusfilter=warning",
        TaskListQuery.Build(Everything, RemoteType.Pbs));

    [Theory]
    [InlineData(TaskSource.All, "&source=all")]
    [InlineData(TaskSource.Archive, "&source=archive")]
    public void Without_filters_only_the_page_and_the_source_are_said(TaskSource source, string said)
    {
        Assert.Equal($"?start=0&limit=5000{said}", TaskListQuery.Build(new TaskListParameters { Source = source }, RemoteType.Pve));
        Assert.Equal("?start=0&limit=5000", TaskListQuery.Build(new TaskListParameters { Source = source }, RemoteType.Pbs));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_bound_at_or_before_the_epoch_is_no_bound(long since) =>
        Assert.Equal("?start=0&limit=5000", TaskListQuery.Build(new TaskListParameters { Since = since }, RemoteType.Pbs));

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskListQuery.Build(new TaskListParameters { Limit = 0 }, RemoteType.Pve));
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskListQuery.Build(new TaskListParameters { Limit = -1 }, RemoteType.Pbs));
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskListQuery.Build(new TaskListParameters { Start = -1 }, RemoteType.Pve));
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskListQuery.Build(new TaskListParameters { Until = -1 }, RemoteType.Pve));
    }

    [Fact]
    public void What_a_product_does_not_know_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TaskListQuery.Build(new TaskListParameters { VmId = 100 }, RemoteType.Pbs));
        Assert.Throws<ArgumentException>(() => TaskListQuery.Build(new TaskListParameters { VmId = 99 }, RemoteType.Pve));
        Assert.Throws<ArgumentException>(() => TaskListQuery.Build(new TaskListParameters { StatusFilter = ["failed"] }, RemoteType.Pve));
        Assert.Throws<ArgumentException>(() => TaskListQuery.Build(new TaskListParameters { Source = (TaskSource)9 }, RemoteType.Pve));
    }
}
