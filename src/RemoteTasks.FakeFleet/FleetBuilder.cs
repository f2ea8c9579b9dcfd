using RemoteTasks.FakeFleet.Http;
using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet;

/// <summary>
/// Makes the remotes, their certificates and the past of their nodes, on all processors: a large fleet has a thousand nodes.
/// </summary>
internal static class FleetBuilder
{
    public static SimRemote[] Build(FleetOptions options, long now)
    {
        var remotes = new SimRemote[options.PveRemotes + options.PbsRemotes];
        var nodeCount = options.PveRemotes * options.NodesPerPve + options.PbsRemotes;
        Parallel.For(0, remotes.Length, number =>
        {
            var pbs = number >= options.PveRemotes;
            var id = pbs ? $"pbs-{number - options.PveRemotes + 1:00}" : $"pve-{number + 1:00}";
            var nodes = new List<NodeLife>();
            for (var node = 0; node < (pbs ? 1 : options.NodesPerPve); node++)
            {
                var nodeNumber = pbs ? options.PveRemotes * (options.NodesPerPve - 1) + number : number * options.NodesPerPve + node;
                var share = options.HistoryTasks / nodeCount + (nodeNumber < options.HistoryTasks % nodeCount ? 1 : 0);
                // A PBS host is called otherwise than its remote, so that nobody can confuse the two.
                var host = pbs ? id.Replace("pbs-", "backup-", StringComparison.Ordinal) : $"{id}-n{node + 1}";
                nodes.Add(new NodeLife(options, pbs, new Place(number, node), pbs ? "localhost" : host, host, share, now));
            }

            var shown = new FakeRemote(id, pbs ? "pbs" : "pve", [.. nodes.Select(static node => node.Name)], Secret(options.Seed, number));
            remotes[number] = new SimRemote(shown, nodes);
            remotes[number].ChangeCertificate();
        });
        return remotes;
    }

    /// <summary>In the form of the real ones, and the same for the same seed.</summary>
    private static string Secret(int seed, int remote)
    {
        var dice = new Dice(seed, remote, 0x5EC2E7);
        Span<byte> octets = stackalloc byte[16];
        BitConverter.TryWriteBytes(octets, dice.Next64());
        BitConverter.TryWriteBytes(octets[8..], dice.Next64());
        return new Guid(octets).ToString();
    }
}
