using System.Text.Json;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache.Tests;

/// <summary>How events change the state.</summary>
public sealed class StateChangesTests
{
    private readonly StateDocument _state = new();

    private NodeStateDocument Node => _state.Node("r", "n");

    [Fact]
    public void A_cutoff_goes_forward_only_unless_the_nodes_clock_was_set_back()
    {
        Report(new NodeReport("r", "n", 1) { Cutoff = 100 });
        Report(new NodeReport("r", "n", 2) { Cutoff = 90 });
        Report(new NodeReport("r", "n", 3));
        Assert.Equal(100, Node.Cutoff);
        Report(new NodeReport("r", "n", 4) { Cutoff = 90, ClockSetBack = true });
        Assert.Equal(90, Node.Cutoff);
        Report(new NodeReport("r", "n", 5) { ClockSetBack = true });
        Assert.Equal(90, Node.Cutoff);
    }

    [Fact]
    public void A_node_is_not_reached_since_the_first_time_and_until_it_answers()
    {
        Report(new NodeReport("r", "n", 10) { Reached = false });
        Report(new NodeReport("r", "n", 20) { Reached = false });
        Assert.Equal(10, Node.NotReachedSince);
        Report(new NodeReport("r", "n", 30));
        Assert.Null(Node.NotReachedSince);
    }

    [Fact]
    public void Gaps_that_touch_become_one_whichever_way_round_they_are_told()
    {
        Gap(10, 20);
        Gap(40, 30);
        Gap(50, 60);
        Assert.Equal([new(10, 20), new(30, 40), new(50, 60)], Node.Gaps);
        Gap(20, 30);
        Assert.Equal([new(10, 40), new(50, 60)], Node.Gaps);
        Gap(5, 70);
        Assert.Equal([new(5, 70)], Node.Gaps);
    }

    [Fact]
    public void Where_there_are_too_many_gaps_the_two_oldest_are_joined()
    {
        for (int i = 0; i <= Limits.GapsPerNodeMax; i++)
            Gap(i * 10, (i * 10) + 5);
        Assert.Equal(Limits.GapsPerNodeMax, Node.Gaps!.Count);
        Assert.Equal(new GapDocument(0, 15), Node.Gaps[0]);
        Assert.Equal(new GapDocument(20, 25), Node.Gaps[1]);
    }

    [Fact]
    public void Damage_is_asked_for_once_and_again_when_it_was_settled()
    {
        Damaged(10, 20);
        Damaged(12, 18);
        Assert.Single(_state.Repairs!);
        Damaged(10, 21);
        Damaged(9, 20);
        Assert.Equal(3, _state.Repairs!.Count);
        StateChanges.SettleRepair(_state, new Damage("other", 10, 20, 1, ""), now: 5);
        StateChanges.SettleRepair(_state, new Damage("archive.1", 11, 20, 1, ""), now: 5);
        StateChanges.SettleRepair(_state, new Damage("archive.1", 10, 19, 1, ""), now: 5);
        Assert.All(_state.Repairs, repair => Assert.Null(repair.Settled));
        StateChanges.SettleRepair(_state, new Damage("archive.1", 10, 20, 1, ""), now: 5);
        StateChanges.SettleRepair(_state, new Damage("archive.1", 10, 20, 1, ""), now: 6);
        Assert.Equal([5, null, null], _state.Repairs.Select(repair => repair.Settled));
        Assert.Equal(3, _state.Repairs.Count);
        StateChanges.SettleRepair(new StateDocument(), new Damage("archive.1", 10, 20, 1, ""), now: 5);
    }

    [Fact]
    public void Of_too_many_records_of_damage_a_settled_one_goes_and_then_neighbours_become_one()
    {
        for (int i = 0; i < Limits.DamageRecordsMax; i++)
            Damaged(i * 10, (i * 10) + 1);
        StateChanges.SettleRepair(_state, new Damage("archive.1", 50, 51, 1, ""), now: 5);
        Damaged(1_000_000, 1_000_001);
        Assert.Equal(Limits.DamageRecordsMax, _state.Repairs!.Count);
        Assert.DoesNotContain(_state.Repairs, repair => repair.From == 50);
        Damaged(2_000_000, 2_000_001);
        Assert.Equal(Limits.DamageRecordsMax, _state.Repairs.Count);
        Assert.Contains(_state.Repairs, repair => (repair.From, repair.To) == (0, 11));
        Damaged(1_000_003, 1_000_004);
        Damaged(7, 8);
        Assert.Contains(_state.Repairs, repair => (repair.From, repair.To) == (1_000_000, 1_000_004));
        Assert.Equal(Limits.DamageRecordsMax, _state.Repairs.Count);

        // Everything that was ever in doubt still is, but what was settled.
        IEnumerable<long> starts = Enumerable.Range(0, Limits.DamageRecordsMax).Where(i => i != 5).Select(i => i * 10L).Concat([1_000_000, 1_000_003, 2_000_000]);
        Assert.All(starts, start => Assert.Contains(_state.Repairs, repair => repair.From <= start && start < repair.To));
    }

    [Fact]
    public void Where_every_record_is_of_another_file_all_are_kept()
    {
        for (int i = 0; i < Limits.DamageRecordsMax + 20; i++)
            StateChanges.RequestRepair(_state, [new Damage($"archive.{i}", 0, 1, 1, "")]);
        Assert.Equal(Limits.DamageRecordsMax + 20, _state.Repairs!.Count);
    }

    [Fact]
    public void A_task_is_tracked_once_and_until_it_has_ended()
    {
        StateChanges.Apply(_state, new TaskBatch { Track = ["a", "b", "a"] }, static _ => false);
        StateChanges.Apply(_state, new TaskBatch { Track = ["b", "c"] }, static upid => upid == "a");
        Assert.Equal(["b", "c"], _state.TrackedTasks);
    }

    [Fact]
    public void A_rename_is_known_until_somebody_reports_under_the_new_name()
    {
        _state.Renamed = new RenameDocument("old", "r2");
        Report(new NodeReport("r", "n", 1));
        Assert.NotNull(_state.Renamed);
        Report(new NodeReport("r2", "n", 1));
        Assert.Null(_state.Renamed);
        StateChanges.Rename(_state, "nobody", "r3");
        Assert.DoesNotContain("r3", _state.RemoteState.Keys);
        StateChanges.Rename(_state, "r", "r3");
        Assert.Contains("r3", _state.RemoteState.Keys);
        Assert.DoesNotContain("r", _state.RemoteState.Keys);
    }

    [Fact]
    public void A_list_of_remotes_knows_of_a_renaming_when_it_has_the_new_name_or_no_longer_the_old_one()
    {
        var rename = new RemoteRename("old", "new");
        Assert.True(rename.IsUnknownTo(["other", "old"]));
        Assert.False(rename.IsUnknownTo(["old", "new"]));
        Assert.False(rename.IsUnknownTo(["new"]));
        Assert.False(rename.IsUnknownTo(["Old"]));
    }

    [Fact]
    public void What_is_said_to_change_nothing_changes_nothing()
    {
        var random = new Random(20261129);
        int still = 0;
        int passed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            TaskBatch batch = SomeBatch(random);
            Func<string, bool> isEnded = random.Next(4) > 0 ? static _ => false : static upid => upid == "a";
            if (random.Next(500) == 0)
                _state.Renamed = new RenameDocument("old", "r");
            bool isSaid = StateChanges.ChangeNothing(new CacheState(_state), batch, isEnded);
            string before = Text();
            StateChanges.Apply(_state, batch, isEnded);
            bool isTrue = Text() == before;
            Assert.True(isTrue || !isSaid, $"batch {i} changed {before}");
            still += isTrue ? 1 : 0;
            passed += isSaid ? 1 : 0;
        }

        // Most of what changes nothing is seen: a span that is known to be missing, a batch without nodes are not.
        Assert.InRange(passed, still / 3, still);
        Assert.InRange(still, 2000, 18_000);
    }

    private static TaskBatch SomeBatch(Random random) => new()
    {
        Nodes = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new NodeReport(random.Next(20) > 0 ? "r" : "q", random.Next(2) > 0 ? "n" : "m", random.Next(5))
        {
            Reached = random.Next(5) > 0,
            Cutoff = random.Next(3) > 0 ? random.Next(4) : null,
            ClockSetBack = random.Next(10) == 0,
            Gap = random.Next(10) == 0 ? new HistoryGap(random.Next(9), random.Next(9)) : null,
        })],
        Track = random.Next(5) > 0 ? [] : [random.Next(2) > 0 ? "a" : "b"],
    };

    private string Text() => JsonSerializer.Serialize(_state, StateJson.Default.StateDocument);

    private void Report(NodeReport report) => StateChanges.Apply(_state, new TaskBatch { Nodes = [report] }, static _ => false);

    private void Gap(long from, long to) => Report(new NodeReport("r", "n", 1) { Gap = new HistoryGap(from, to) });

    private void Damaged(long from, long to) => StateChanges.RequestRepair(_state, [new Damage("archive.1", from, to, 1, "test")]);
}
