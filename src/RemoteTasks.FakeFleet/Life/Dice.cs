namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// A seeded generator (SplitMix64) whose sequence is ours, so that a fleet of one seed is the same on every version of the runtime.
/// Seeding is free, which lets each hour of each node have its own: what happens in an hour does not depend on when it was asked for.
/// </summary>
internal sealed class Dice
{
    private ulong state;

    public Dice(params ReadOnlySpan<long> seeds)
    {
        foreach (var seed in seeds)
        {
            state ^= (ulong)seed;
            state = Next64();
        }
    }

    public ulong Next64()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>In [0, 1).</summary>
    public double Fraction() => (Next64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [from, to).</summary>
    public long Between(long from, long to) => from + (long)(Fraction() * (to - from));

    public bool Happens(double probability) => Fraction() < probability;

    public T Pick<T>(ReadOnlySpan<T> values) => values[(int)Between(0, values.Length)];

    /// <summary>In [from, to], each order of magnitude equally likely: most values are small, some very large.</summary>
    public long Spread(long from, long to) =>
        (long)(Math.Exp(Math.Log(from + 1) + Fraction() * (Math.Log(to + 2) - Math.Log(from + 1))) - 1);
}
