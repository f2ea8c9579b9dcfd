namespace RemoteTasks.FakeFleet.Life;

/// <summary>Where a task is born: gives ids that make sense there.</summary>
/// <param name="Remote">Number of the remote in the fleet, from 0.</param>
/// <param name="Node">Number of the node in its remote, from 0.</param>
internal sealed record Place(int Remote, int Node)
{
    private const int GuestsPerNode = 40;
    private static readonly string[] Guests = [.. Enumerable.Range(100, 4000).Select(static number => number.ToString())];

    public string Guest(Dice dice) => Guests[(Node * GuestsPerNode + dice.Between(0, GuestsPerNode)) % Guests.Length];
}

/// <summary>How often a kind of task occurs, what it is about, and how long it takes.</summary>
/// <param name="Type">Worker type.</param>
/// <param name="Weight">Share among the kinds of its deck.</param>
/// <param name="Seconds">Shortest and longest duration; each order of magnitude is equally likely.</param>
/// <param name="Id">Draws a worker id.</param>
/// <param name="Users">Who starts it; repeated for the more frequent.</param>
internal sealed record TaskKind(string Type, int Weight, (long Min, long Max) Seconds, Func<Dice, Place, string> Id, string[] Users);

/// <summary>The habits of one product.</summary>
internal abstract class Mix
{
    /// <summary>Kinds that schedules start: at the full hour, most of them at night.</summary>
    public abstract Deck Scheduled { get; }

    /// <summary>Kinds that people and tools start at any time.</summary>
    public abstract Deck Casual { get; }

    /// <summary>A kind that takes long, to have something running.</summary>
    public abstract TaskKind Long { get; }

    public abstract string[] Errors { get; }

    /// <summary>Type that fails while the backup storage is away, and how.</summary>
    public abstract (string Type, string Status) Outage { get; }

    /// <summary>Status when the log has no last line.</summary>
    public abstract string NoStatus { get; }
}

/// <summary>Kinds laid out by weight, so that drawing one is a single pick.</summary>
internal sealed class Deck(params ReadOnlySpan<TaskKind> kinds)
{
    private readonly TaskKind[] cards = [.. kinds.ToArray().SelectMany(static kind => Enumerable.Repeat(kind, kind.Weight))];

    public TaskKind Draw(Dice dice) => dice.Pick<TaskKind>(cards);
}
