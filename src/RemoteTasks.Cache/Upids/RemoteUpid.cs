using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RemoteTasks.Cache;

/// <summary>
/// The parts of a task's name, <c>pve:remote!UPID:...</c> or <c>pbs:remote!UPID:...</c> (also read without the kind, as older
/// caches wrote it). The text stays what the remote sent; it is never rebuilt from its parts.
/// </summary>
public sealed class RemoteUpid
{
    private RemoteUpid(string text, byte[] bytes, in Upids.UpidFields fields)
    {
        Text = text;
        Remote = Encoding.UTF8.GetString(fields.Remote.Of(bytes));
        IsBackupServer = fields.IsBackupServer;
        Native = Encoding.UTF8.GetString(fields.Native.Of(bytes));
        Node = Encoding.UTF8.GetString(fields.Node.Of(bytes));
        StartTime = fields.StartTime;
    }

    /// <summary>The whole name, with kind and remote.</summary>
    public string Text { get; }

    /// <summary>The id of the remote.</summary>
    public string Remote { get; }

    /// <summary>True for a Proxmox Backup Server, false for Proxmox VE.</summary>
    public bool IsBackupServer { get; }

    /// <summary>The UPID as the remote knows it.</summary>
    public string Native { get; }

    /// <summary>The node that ran the task, by the UPID.</summary>
    public string Node { get; }

    /// <summary>When the task began, seconds since the epoch.</summary>
    public long StartTime { get; }

    /// <summary>Reads a name; on failure <paramref name="problem"/> says what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteUpid? upid, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        upid = null;
        if (!Upids.UpidFields.TryParse(bytes, out Upids.UpidFields fields, out problem))
            return false;

        string typed = fields.IsTyped ? text : (fields.IsBackupServer ? "pbs:" : "pve:") + text;
        byte[] typedBytes = fields.IsTyped ? bytes : Encoding.UTF8.GetBytes(typed);
        _ = Upids.UpidFields.TryParse(typedBytes, out fields, out _);
        upid = new RemoteUpid(typed, typedBytes, fields);
        problem = null;
        return true;
    }
}
