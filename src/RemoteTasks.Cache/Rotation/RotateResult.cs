namespace RemoteTasks.Cache;

/// <summary>What a rotation did: names of files, null or empty where nothing was to do.</summary>
public sealed record RotateResult(
    string? Begun, IReadOnlyList<string> Compressed, IReadOnlyList<string> Dropped, ApplyResult? Applied, IReadOnlyList<Damage> Damage);
