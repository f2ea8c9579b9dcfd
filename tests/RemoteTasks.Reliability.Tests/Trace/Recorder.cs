using System.Buffers.Binary;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// Turns the system calls of processes, one after the other, into what they did to one directory. It knows which descriptor is which file, and which
/// file has which name. A call that changes the directory in a way it does not know is an error, never passed over.
/// </summary>
internal sealed class Recorder
{
    private const int DirectoryInode = -1;
    private const int ParentInode = -2;
    private const int Console = -3;

    private readonly string _directory;
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<TraceEvent> _events = [];
    private readonly Action<Recorder, string> _acknowledged;
    private Dictionary<int, int> _inodes = [];
    private Dictionary<int, string> _paths = [];
    private int _lastInode;
    private long _line;

    /// <param name="directory">The directory, in the way in which the processes name it.</param>
    /// <param name="files">What is in it before.</param>
    /// <param name="acknowledged">Told of every text on the standard output; adds chapters.</param>
    internal Recorder(string directory, IReadOnlyDictionary<string, byte[]> files, Action<Recorder, string> acknowledged)
    {
        _directory = directory;
        _acknowledged = acknowledged;
        Files = files.ToDictionary(file => file.Key, file => (++_lastInode, file.Value), StringComparer.Ordinal);
        foreach ((string name, (int inode, _)) in Files)
            _names[name] = inode;
    }

    /// <summary>What was in it before: name, inode, bytes.</summary>
    internal Dictionary<string, (int Inode, byte[] Bytes)> Files { get; }

    internal IReadOnlyList<TraceEvent> Events => _events;

    internal void Begin(Chapter chapter) => _events.Add(new TraceEvent(EventKind.Chapter, ++_line) { Chapter = chapter });

    /// <summary>Adds what a process did.</summary>
    /// <param name="calls">Its calls.</param>
    /// <param name="failed">Told of those that failed, and the name of the file in the directory that they concern.</param>
    internal void Add(IReadOnlyList<SystemCall> calls, Action<SystemCall, string>? failed = null)
    {
        long before = _line;
        _inodes = new Dictionary<int, int> { [1] = Console };
        _paths = [];

        // A number is free for the next file when its close begins, not when it returns.
        foreach (SystemCall call in calls.OrderBy(call => call.Name == "close" ? call.Begun : call.Ended))
        {
            _line = before + call.Ended;
            if (call.Result >= 0)
                Add(call, before + call.Begun);
            else if (InodeOf(call) is not (0 or Console))
                failed?.Invoke(call, _paths.GetValueOrDefault(call.Descriptor(), "."));
            else if (call.Arguments.FirstOrDefault(IsInside) is { } path)
                failed?.Invoke(call, Path.GetFileName(TextOf(path)));
        }
    }

    private void Add(SystemCall call, long begun)
    {
        switch (call.Name)
        {
            case "open" or "creat" or "openat":
                Open(call, call.Name == "openat" ? 1 : 0);
                break;
            case "close":
                _inodes.Remove(call.Descriptor());
                break;
            case "dup" or "dup2" or "dup3":
                Copy(call);
                break;
            case "fcntl" when call.Arguments[1].StartsWith("F_DUPFD", StringComparison.Ordinal):
                Copy(call);
                break;
            case "write" when InodeOf(call) == Console:
                _acknowledged(this, call.Text(1));
                break;
            case "pwrite64" or "pwritev" when InodeOf(call) > 0:
                Write(call, (int)call.Number(call.Arguments.Count - 1));
                break;
            case "ftruncate" when InodeOf(call) > 0:
                Tell(new TraceEvent(EventKind.Cut, _line) { Length = (int)call.Number(1) }, call);
                break;
            case "fsync" or "fdatasync" when InodeOf(call) != 0:
                Sync(call, begun);
                break;
            case "rename":
                Rename(call.Text(0), call.Text(1));
                break;
            case "unlink":
                Unlink(call.Text(0));
                break;
            case "mkdir" when call.Text(0) == _directory:
                _events.Add(new TraceEvent(EventKind.MakeDirectory, _line) { Name = "." });
                break;
            case "pwrite64" or "pwritev" or "fsync" or "fdatasync" when !_inodes.ContainsKey(call.Descriptor()):
                throw new NotSupportedException($"{call.Name} of descriptor {call.Descriptor()}, which nobody is known to have opened.");
            case "fcntl" or "sync_file_range":
                // The one changes nothing, the other promises nothing.
                break;
            default:
                if (InodeOf(call) != 0 || call.Arguments.Any(IsInside))
                    throw new NotSupportedException($"The replay does not know what this does: {call.Name}({string.Join(", ", call.Arguments)}).");
                break;
        }
    }

    private int InodeOf(SystemCall call) => _inodes.GetValueOrDefault(call.Descriptor());

    private bool IsInside(string argument) =>
        argument.StartsWith('"') && IsPathInside(TextOf(argument));

    private static string TextOf(string argument) => new SystemCall("", "", [argument], 0, 0, 0).Text(0);

    private bool IsPathInside(string path) => path == _directory || NameOf(path) is not null;

    private void Copy(SystemCall call)
    {
        if (_inodes.TryGetValue(call.Descriptor(), out int inode))
            _inodes[(int)call.Result] = inode;
    }

    private void Open(SystemCall call, int argument)
    {
        string path = call.Text(argument);
        int descriptor = (int)call.Result;
        _inodes[descriptor] = 0;
        _paths.Remove(descriptor);
        if (path == _directory)
            _inodes[descriptor] = DirectoryInode;
        else if (path == Path.GetDirectoryName(_directory))
            _inodes[descriptor] = ParentInode;
        if (NameOf(path) is not { } name)
            return;
        if (call.Arguments[argument + 1].Contains("O_TRUNC", StringComparison.Ordinal) || call.Name == "creat")
            throw new NotSupportedException($"'{name}' is emptied in place.");
        if (!_names.TryGetValue(name, out int inode))
        {
            _names[name] = inode = ++_lastInode;
            _events.Add(new TraceEvent(EventKind.Create, _line) { Inode = inode, Name = name });
        }

        _inodes[descriptor] = inode;
        _paths[descriptor] = name;
    }

    private void Write(SystemCall call, int offset)
    {
        byte[] bytes = call.Bytes(1)[..(int)call.Result];
        if (_paths[call.Descriptor()] == ".durable" && bytes.AsSpan().ContainsAnyExcept((byte)0))
        {
            // The note names the journal as the kernel does; in the replay files have other numbers.
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, SimDisk.Device);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (ulong)_names["journal"]);
        }

        Tell(new TraceEvent(EventKind.Write, _line) { Offset = offset, Bytes = bytes }, call);
    }

    private void Sync(SystemCall call, long begun)
    {
        EventKind kind = InodeOf(call) switch
        {
            DirectoryInode => EventKind.SyncDirectory,
            ParentInode => EventKind.SyncParent,
            _ => EventKind.Sync,
        };
        if (kind == EventKind.Sync)
            Tell(new TraceEvent(kind, _line) { Begun = begun }, call);
        else
            _events.Add(new TraceEvent(kind, _line) { Begun = begun, Name = kind == EventKind.SyncDirectory ? "." : ".." });
    }

    private void Rename(string from, string to)
    {
        (string? source, string? target) = (NameOf(from), NameOf(to));
        if (source is null && target is null)
            return;
        if (source is null || target is null)
            throw new NotSupportedException($"'{from}' becomes '{to}': one of them is not in the directory.");
        _names.Remove(source, out int inode);
        _names[target] = inode;
        _events.Add(new TraceEvent(EventKind.Rename, _line) { Inode = inode, Name = source, NewName = target });
    }

    private void Unlink(string path)
    {
        if (NameOf(path) is { } name && _names.Remove(name, out int inode))
            _events.Add(new TraceEvent(EventKind.Unlink, _line) { Inode = inode, Name = name });
    }

    private void Tell(TraceEvent told, SystemCall call) =>
        _events.Add(told with { Inode = InodeOf(call), Name = _paths[call.Descriptor()] });

    /// <summary>The name of a file in the directory; null for any other path.</summary>
    private string? NameOf(string path) => Path.GetDirectoryName(path) == _directory ? Path.GetFileName(path) : null;
}
