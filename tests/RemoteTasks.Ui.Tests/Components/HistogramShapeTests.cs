using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Tasks;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class HistogramShapeTests
{
    [Fact]
    public void Bars_stand_on_each_other_and_failures_are_never_too_low_to_be_seen()
    {
        var histogram = new TaskHistogram(0, 60, [new StatusCounts(10_000, 0, 1, 0, 0), default, new StatusCounts(0, 0, 0, 0, 5000)]);
        IReadOnlyList<(StatusClass Status, string Path)> shape = HistogramShape.Of(histogram);
        Assert.Equal([StatusClass.Error, StatusClass.Running, StatusClass.Ok], shape.Select(path => path.Status));
        Assert.Equal("M0 100h0.86v-3h-0.86z", shape[0].Path);
        Assert.Equal("M2 100h0.86v-50h-0.86z", shape[1].Path);
        Assert.Equal("M0 97h0.86v-97h-0.86z", shape[2].Path);
        Assert.Equal("1,0,0,0,10000;0,0,0,0,0;0,0,0,5000,0", HistogramShape.Counts(histogram));
    }
}
