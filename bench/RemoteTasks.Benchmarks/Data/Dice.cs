namespace RemoteTasks.Benchmarks.Data;

/// <summary>
/// Seeded chance (SplitMix64). A task is a pure function of seed, host and slot, so that any order of the same tasks can be
/// streamed without holding them.
/// </summary>
internal struct Dice
{
    private ulong _state;

    internal Dice(ulong seed, int host, int slot)
    {
        _state = seed ^ ((ulong)(uint)host * 0x9E3779B97F4A7C15UL) ^ ((ulong)(uint)slot * 0xC2B2AE3D27D4EB4FUL);
        Next();
    }

    internal double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    internal bool Happens(double probability) => Share() < probability;

    /// <summary>From 0 to below <paramref name="bound"/>.</summary>
    internal int Below(int bound) => (int)(Share() * bound);

    /// <summary>Most are short, a few long: duration of tasks, popularity of guests.</summary>
    internal int Skewed(int min, int max)
    {
        double share = Share();
        return min + (int)(share * share * share * (max - min + 1));
    }

    internal T Pick<T>(T[] values) => values[Below(values.Length)];

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
