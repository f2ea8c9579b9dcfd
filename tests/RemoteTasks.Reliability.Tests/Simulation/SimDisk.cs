using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Reliability.Tests.Simulation;

/// <summary>
/// A disk in memory that knows what a power failure would leave of it. Programs see every change at once; durable is only what was synced: a
/// file's bytes by a sync of the file, names by a sync of the directory, the directory's own by one of its parent. Everything else may be lost, torn or reordered: see
/// <see cref="PowerFailure"/>. One directory; one process, so locks are always had.
/// </summary>
internal sealed class SimDisk : IDisk
{
    internal const ulong Device = 7;

    private readonly Dictionary<string, SimFile> _names;
    private readonly Dictionary<string, SimFile> _durableNames;
    private readonly List<NameChange> _pendingNames = [];
    private ulong _lastInode;
    private long _clock = 1;
    private long _sequence;
    private long _directoryModified = 1;
    private string? _newDirectory;

    internal SimDisk()
        : this(Enumerable.Empty<KeyValuePair<string, SimFile>>())
    {
    }

    /// <param name="files">What is on it, durably, by full path.</param>
    internal SimDisk(IReadOnlyDictionary<string, byte[]> files)
        : this(files.Select((file, i) => KeyValuePair.Create(file.Key, new SimFile((ulong)i + 1, file.Value))))
    {
    }

    /// <param name="files">Files of another disk, which are the same ones here.</param>
    internal SimDisk(IEnumerable<KeyValuePair<string, SimFile>> files)
    {
        _names = new Dictionary<string, SimFile>(files, StringComparer.Ordinal);
        _durableNames = new Dictionary<string, SimFile>(_names, StringComparer.Ordinal);
        _lastInode = _names.Values.Select(file => file.Inode).DefaultIfEmpty().Max();
    }

    /// <param name="files">The same, where it matters which file is which.</param>
    internal SimDisk(IEnumerable<(string Path, SimFile File)> files)
    {
        _names = files.ToDictionary(file => file.Path, file => file.File, StringComparer.Ordinal);
        _durableNames = new Dictionary<string, SimFile>(_names, StringComparer.Ordinal);
        _lastInode = _names.Values.Select(file => file.Inode).DefaultIfEmpty().Max();
    }

    /// <summary>Told of every call that changes something, before it has any effect: kind of call and name. One that throws is a failing disk.</summary>
    internal Action<SimCall> Before { get; set; } = static _ => { };

    /// <summary>Told of every call that reads, before it does.</summary>
    internal Action<SimCall> BeforeReading { get; set; } = static _ => { };

    /// <summary>A fault of the program that uses the disk, played by the disk: what is asked for is not done.</summary>
    internal Func<SimCall, bool> Ignores { get; set; } = static _ => false;

    /// <summary>Another one: a file is replaced by removing the old one and renaming the new one, which are two changes.</summary>
    internal bool SplitsRenames { get; set; }

    /// <summary>Another one: a sync comes before the last write of its file.</summary>
    internal Func<SimCall, bool> SyncsTooEarly { get; set; } = static _ => false;

    /// <summary>Names that are durable.</summary>
    internal IReadOnlyDictionary<string, SimFile> DurableNames => _durableNames;

    /// <summary>Changes of names since the directory was synced, in order.</summary>
    internal IReadOnlyList<NameChange> PendingNames => _pendingNames;

    /// <summary>When the directory was made whose own name is not durable yet, and without which nothing in it is; null when it is.</summary>
    internal long? PendingDirectory { get; private set; }

    /// <summary>All files that have a name, had one, or may have one after a failure.</summary>
    internal IEnumerable<SimFile> Files =>
        _names.Values.Concat(_durableNames.Values).Concat(_pendingNames.Select(change => change.File).OfType<SimFile>()).Distinct();

    /// <summary>What programs see, by full path.</summary>
    internal Dictionary<string, byte[]> Content() => _names.ToDictionary(name => name.Key, name => name.Value.Bytes.ToArray(), StringComparer.Ordinal);

    /// <summary>The same files on a disk of their own, durable.</summary>
    /// <param name="path">A file that has other bytes there, and no other trace of it.</param>
    /// <param name="bytes">These.</param>
    internal SimDisk With(string path, byte[] bytes) => new(_names.Select(name =>
        KeyValuePair.Create(name.Key, new SimFile(name.Value.Inode, name.Key == path ? bytes : name.Value.Bytes.ToArray())))) { Failures = Failures };

    /// <summary>Turns a byte of a file into another one, on the disk and for who has it open, with no other trace.</summary>
    internal void Rot(string path, int at) => _names[path].Rot(at);

    /// <summary>Power failures so far.</summary>
    internal int Failures { get; init; }

    public Guid Boot => new(Failures, 0, 0, new byte[8]);

    public IDiskFile? OpenRead(string path)
    {
        BeforeReading(new SimCall(SimCallKind.Open, Path.GetFileName(path), null));
        return _names.TryGetValue(path, out SimFile? file) ? new SimHandle(this, file, path) : null;
    }

    public FileStamp? Stamp(string path)
    {
        if (_names.TryGetValue(path, out SimFile? file))
            return StampOf(file);
        bool isDirectory = _names.Keys.Any(name => Path.GetDirectoryName(name) == path);
        return isDirectory ? new FileStamp(new FileIdentity(Device, 0), 0, _directoryModified) : null;
    }

    public IDiskFile OpenWrite(string path) => OpenRead(path) ?? throw new FileNotFoundException("No such file.", path);

    public IDiskFile Create(string path)
    {
        Tell(SimCallKind.Create, path, null);
        if (_names.ContainsKey(path))
            throw new IOException($"'{path}' exists.", 17);
        var file = new SimFile(++_lastInode, []);
        SetName(new NameChange(++_sequence, Remove: null, Add: path, file));
        return new SimHandle(this, file, path);
    }

    public void Rename(string source, string target)
    {
        SimFile file = _names.TryGetValue(source, out SimFile? found) ? found : throw new FileNotFoundException("No such file.", source);
        if (!Tell(SimCallKind.Rename, target, file))
            return;
        if (SplitsRenames && _names.ContainsKey(target))
            SetName(new NameChange(++_sequence, target, Add: null, File: null));
        SetName(new NameChange(++_sequence, source, target, file));
    }

    public void Link(string source, string target)
    {
        SimFile file = _names.TryGetValue(source, out SimFile? found) ? found : throw new FileNotFoundException("No such file.", source);
        if (_names.ContainsKey(target))
            throw new IOException($"'{target}' exists.", 17);
        if (Tell(SimCallKind.Link, target, file))
            SetName(new NameChange(++_sequence, Remove: null, target, file));
    }

    public void Delete(string path)
    {
        if (_names.TryGetValue(path, out SimFile? file) && Tell(SimCallKind.Delete, path, file))
            SetName(new NameChange(++_sequence, path, Add: null, File: null));
    }

    public void SyncDirectory(string path)
    {
        if (!Tell(SimCallKind.SyncDirectory, path, null))
            return;
        if (Path.GetDirectoryName(_newDirectory) == path)
            PendingDirectory = null;
        foreach (NameChange change in _pendingNames.Where(change => Path.GetDirectoryName(change.Add ?? change.Remove) == path))
            change.Apply(_durableNames);
        _pendingNames.RemoveAll(change => Path.GetDirectoryName(change.Add ?? change.Remove) == path);
    }

    public void CreateDirectory(string path)
    {
        if (_newDirectory is not null || _names.Count > 0)
            return;
        Tell(SimCallKind.CreateDirectory, path, null);
        (_newDirectory, PendingDirectory) = (path, ++_sequence);
    }

    public IReadOnlyList<string> List(string path) =>
        [.. _names.Keys.Where(name => Path.GetDirectoryName(name) == path).Select(name => Path.GetFileName(name)).Order(StringComparer.Ordinal)];

    public IDiskLock OpenLock(string path) => new SimLock();

    private void SetName(NameChange change)
    {
        change.Apply(_names);
        _pendingNames.Add(change);
        _directoryModified = Tick();
    }

    /// <summary>False when the call is to have no effect.</summary>
    private bool Tell(SimCallKind kind, string path, SimFile? file)
    {
        var call = new SimCall(kind, Path.GetFileName(path), file);
        Before(call);
        return !Ignores(call);
    }

    // Never a whole second: times of that kind are taken for those of a coarse file system.
    private long Tick() => (++_clock * 1_000) + 1;

    private static FileStamp StampOf(SimFile file) => new(new FileIdentity(Device, file.Inode), file.Bytes.Length, file.Modified);

    private sealed class SimHandle(SimDisk disk, SimFile file, string path) : IDiskFile
    {
        public FileIdentity Identity => new(Device, file.Inode);

        public long Length => file.Bytes.Length;

        public FileStamp Stamp => StampOf(file);

        public int Read(long offset, Span<byte> buffer)
        {
            disk.BeforeReading(new SimCall(SimCallKind.Read, Path.GetFileName(path), file));
            ReadOnlySpan<byte> rest = offset >= file.Bytes.Length ? default : file.Bytes[(int)offset..];
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            return rest.Length;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (disk.Tell(SimCallKind.Write, path, file))
                file.Change(new ContentChange(++disk._sequence, (int)offset, bytes.ToArray(), Length: null), disk.Tick());
        }

        public void SendOff(long offset, long count)
        {
            // Says nothing of what arrives, and so changes nothing here.
        }

        public void SetLength(long length)
        {
            if (disk.Tell(SimCallKind.Cut, path, file))
                file.Change(new ContentChange(++disk._sequence, 0, [], (int)length), disk.Tick());
        }

        public void Sync()
        {
            if (disk.Tell(SimCallKind.Sync, path, file))
                file.Sync(butLast: disk.SyncsTooEarly(new SimCall(SimCallKind.Sync, Path.GetFileName(path), file)) ? 1 : 0);
        }

        public void Dispose()
        {
        }
    }

    private sealed class SimLock : IDiskLock
    {
        public bool TryTake(LockMode mode, TimeSpan timeout) => true;

        public void Dispose()
        {
        }
    }
}

/// <summary>What is asked of a disk.</summary>
internal enum SimCallKind
{
    Open,
    Read,
    Create,
    Write,
    Cut,
    Sync,
    Rename,
    Link,
    Delete,
    SyncDirectory,
    CreateDirectory,
}

/// <summary>A call.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Name">The file's name, of a rename the new one.</param>
/// <param name="File">The file as it is before the call; null where there is none.</param>
internal readonly record struct SimCall(SimCallKind Kind, string Name, SimFile? File)
{
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>A name that goes, a name that comes, or both at once.</summary>
internal sealed record NameChange(long Sequence, string? Remove, string? Add, SimFile? File)
{
    internal void Apply(Dictionary<string, SimFile> names)
    {
        if (Remove is not null)
            names.Remove(Remove);
        if (Add is not null)
            names[Add] = File!;
    }
}
