namespace RemoteTasks.Cache;

/// <summary>What a mending did.</summary>
/// <param name="Files">Files that were written anew.</param>
/// <param name="Damage">What had been wrong, which waits to be fetched again.</param>
public sealed record MendResult(IReadOnlyList<MendedFile> Files, IReadOnlyList<Damage> Damage);

/// <summary>A file that was written anew.</summary>
/// <param name="File">Its name.</param>
/// <param name="KeptAs">The name under which it is kept as it was.</param>
public sealed record MendedFile(string File, string KeptAs);
