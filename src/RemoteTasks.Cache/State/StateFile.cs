using System.Text;
using System.Text.Json;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.State;

/// <summary>Reads and replaces the file <c>state</c>. It is written last of all, so that it never claims more than is stored.</summary>
internal sealed class StateFile(IDisk disk, string directory)
{
    private const int BytesMax = 64 << 20;

    private readonly string _path = Path.Combine(directory, FileNames.State);

    // Every writer reads the file before anything else, and mostly finds what it knows: room for it is kept, and what was understood last.
    private byte[] _room = [];
    private byte[] _atRest = [];

    /// <summary>Whether it says what it said when it was last understood, and then no change was half done.</summary>
    internal bool IsKnownAtRest() => _atRest.Length > 0 && Read().SequenceEqual(_atRest);

    /// <summary>The state and the bytes it was read from, without their seal; null when the file is missing or cannot be understood.</summary>
    internal StateDocument? TryLoad(out byte[] bytes)
    {
        bytes = Read().ToArray();
        StateDocument? state = Parse(bytes);
        _atRest = state?.IsAtRest == true ? bytes : [];
        return state;
    }

    /// <summary>What the file holds, without its seal, until it is read again; nothing when it is missing, or not what was written.</summary>
    internal ReadOnlySpan<byte> Read()
    {
        using IDiskFile? file = disk.OpenRead(_path);
        if (file is null || file.Length > BytesMax)
            return [];
        if (_room.Length < file.Length)
            _room = new byte[Math.Max((int)file.Length, 2 * _room.Length)];
        Memory<byte> content = _room.AsMemory(0, (int)file.Length);
        return file.Read(0, content.Span) == content.Length && LineSeal.TryOpen(ref content) ? content.Span : [];
    }

    /// <summary>Null when it cannot be understood.</summary>
    internal static StateDocument? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            StateDocument? state = bytes.Length == 0 ? null : JsonSerializer.Deserialize(bytes, StateJson.Default.StateDocument);
            return state is not null && IsWhole(state) && CanBeWritten(state) ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>JSON may say null where we never write it.</summary>
    private static bool IsWhole(StateDocument state) =>
        state.RemoteState?.Values.All(remote => remote?.NodeState?.Values.All(node => node is not null && node.Gaps?.Contains(null!) != true) == true) == true
        && state.TrackedTasks?.Contains(null!) == false
        && state.Repairs?.Any(repair => repair?.File is null || repair.Problem is null) != true
        && IsWhole(state.Renaming)
        && IsWhole(state.Renamed);

    private static bool IsWhole(RenameDocument? rename) => rename is null || (IsRemote(rename.From) && IsRemote(rename.To));

    private static bool IsRemote(string? id) => id is not null && Upids.UpidFields.IsSafeId(Encoding.UTF8.GetBytes(id));

    /// <summary>A text that is not Unicode can be carried in members we do not know, but never written again.</summary>
    private static bool CanBeWritten(StateDocument state)
    {
        bool hasOthers = state.Others is not null
            || state.RemoteState.Values.Any(remote => remote.Others is not null || remote.NodeState.Values.Any(node => node.Others is not null));
        return !hasOthers || JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.StateDocument).Length > 0;
    }

    /// <summary>
    /// Reads the state, empty when there is none that can be understood, changes it, and writes it when that made a difference: true then, and durable on return.
    /// </summary>
    internal bool Change(Action<StateDocument> change)
    {
        StateDocument state = TryLoad(out byte[] known) ?? new StateDocument();
        change(state);
        return SaveIfChanged(state, known);
    }

    /// <summary>Writes the state unless it is what <paramref name="known"/> already says; durable on return.</summary>
    internal bool SaveIfChanged(StateDocument state, ReadOnlySpan<byte> known)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.StateDocument);
        if (known.SequenceEqual(bytes))
            return false;
        byte[] content = new byte[bytes.Length + LineSeal.Bytes];
        LineSeal.Write(bytes, content);
        AtomicFile.Replace(disk, directory, FileNames.State, content);
        _atRest = state.IsAtRest ? bytes : [];
        return true;
    }
}
