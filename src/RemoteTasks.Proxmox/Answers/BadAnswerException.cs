namespace RemoteTasks.Proxmox.Answers;

/// <summary>An answer that cannot be understood; the client adds remote and endpoint to it.</summary>
internal sealed class BadAnswerException(string what) : Exception(what);
