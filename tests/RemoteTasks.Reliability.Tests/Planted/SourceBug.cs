namespace RemoteTasks.Reliability.Tests.Planted;

/// <summary>
/// A mistake made in the engine's own source: one sync, one order or one check that is not there. A disk that misbehaves (see <c>Crash/PlantedBug</c>) shows
/// that the harness sees; this shows that nothing of the engine could be taken out unseen.
/// </summary>
/// <param name="Name">What is wrong.</param>
/// <param name="File">In which file of the engine.</param>
/// <param name="Text">What stands there, exactly once.</param>
/// <param name="Instead">What is put in its place.</param>
/// <param name="NoticedBy">The tests that noticed it when it was made last: they are asked first.</param>
internal sealed record SourceBug(string Name, string File, string Text, string Instead, string NoticedBy)
{
    internal const string Folder = "src/RemoteTasks.Cache";

    internal static IReadOnlyList<SourceBug> All { get; } = [.. Syncs(), .. Orders(), .. Checks(), .. Repairs()];

    public override string ToString() => $"{Name} ({File})";

    private static IEnumerable<SourceBug> Syncs() =>
    [
        new("an append is not synced", "Files/Journal.cs", "        file.Sync();\n        end += lines.SealedBytes;", "        end += lines.SealedBytes;",
            "ModelHistoryTests"),
        new("the name of a new journal is not synced", "Files/Journal.cs",
            "            disk.SyncDirectory(directory);\n            known = Load();", "            known = Load();", "JournalSafetyTests"),
        new("the name of a replaced journal is not synced", "Files/Journal.cs", "        disk.SyncDirectory(directory);\n        Forget();", "        Forget();",
            "JournalSafetyTests"),
        new("a file that replaces one is not synced", "Disk/AtomicFile.cs", "        _file.Sync();\n        Synced", "        Synced", "AtomicFileTests"),
        new("the name of a replaced file is not synced", "Disk/AtomicFile.cs",
            "        file.Place(name);\n        disk.SyncDirectory(directory);", "        file.Place(name);", "AtomicFileTests"),
        new("the name of a begun archive is not synced before its tasks leave the other", "Rotation/Rotator.cs",
            "                taken.Place(name);\n                workspace.SyncDirectory();", "                taken.Place(name);", "CrashTests"),
        new("the name of a compressed archive is not synced before the plain one goes", "Rotation/Rotator.cs",
            "            writer.Place(compressed);\n            workspace.SyncDirectory();", "            writer.Place(compressed);", "CrashTests"),
        new("names of merged archives are not synced before the journal is emptied", "Merge/SpliceBatch.cs",
            "                    workspace.SyncDirectory();", "", "CrashTests"),
        new("names of an archive's parts are not synced before it is replaced", "Merge/ArchiveMerge.cs",
            "        if (parts.Count > 1)\n            workspace.SyncDirectory();", "", "RewriteSafetyTests"),
        new("the name of an archive merged line by line is not synced", "Merge/ArchiveMerge.cs",
            ".Writer.Place(replaced);\n        workspace.SyncDirectory();", ".Writer.Place(replaced);", "ModelHistoryTests"),
        new("a sync that failed is passed over", "Disk/RealDisk.cs", "            throw new SyncException(Libc.Failure(error, action, path).Message, error);",
            "            return;", "RealDiskTests"),
        new("a directory is opened and not synced", "Disk/RealDisk.cs", "        using (handle)\n            Sync(handle, \"sync the directory\", path);",
            "        handle.Dispose();", "RealCallsTests"),
        new("the names that lead to a new cache are not synced", "Recovery.cs", "        workspace.SyncParents();\n", "", "RecoveryTests"),
        new("a private file is not synced", "Disk/PrivateFile.cs", "                file.Sync();\n", "", "RealCallsTests"),
        new("names that a process before gave are not synced", "Files/Journal.cs", "        if (!_areNamesDurable)\n            disk.SyncDirectory(directory);\n", "",
            "JournalTests"),
        new("names of a new cache's archives are not synced", "Recovery.cs", "        }\n\n        workspace.SyncDirectory();\n    }", "        }\n    }", "RecoveryTests"),
        new("the name of a state that is kept aside is not synced", "Recovery.cs", "{workspace.Options.Now}\");\n            workspace.SyncDirectory();",
            "{workspace.Options.Now}\");", "RecoveryTests"),
        new("the cut of a torn line is not synced", "Files/Journal.cs", "        file.SetLength(known.Length);\n        file.Sync();", "        file.SetLength(known.Length);",
            "JournalTests"),
    ];

    private static IEnumerable<SourceBug> Orders() =>
    [
        new("a new cache begins with its newest archive", "Recovery.cs", "epochs.Reverse()", "epochs.AsEnumerable()", "RecoveryTests"),
        new("the state is written before the journal", "CacheWriter.cs",
            "        if (update.New > 0)\n            _journal.Append(update.Journal);",
            "        _stateFile.Change(early => StateChanges.Apply(early, batch, update.Ended));\n"
            + "        if (update.New > 0)\n            _journal.Append(update.Journal);", "CrashTests"),
        new("tasks leave the running list before they are in the journal", "CacheWriter.cs",
            "        if (update.New > 0)\n            _journal.Append(update.Journal);\n        if (update.Active is { } active)\n            _activeFile.Save(active);",
            "        if (update.Active is { } active)\n            _activeFile.Save(active);\n        if (update.New > 0)\n            _journal.Append(update.Journal);",
            "CrashTests"),
        new("the plain archive goes before the compressed one is there", "Rotation/Rotator.cs",
            "            writer.Place(compressed);\n            workspace.SyncDirectory();\n            workspace.Disk.Delete(workspace.PathOf(plain.ToString()));",
            "            workspace.Disk.Delete(workspace.PathOf(plain.ToString()));\n            workspace.SyncDirectory();\n            writer.Place(compressed);",
            "KillTests"),
        new("an archive's rest is put in place before what was taken from it", "Rotation/Rotator.cs",
            "                taken.Place(name);\n                workspace.SyncDirectory();",
            "                left?.Place(archives.List.Names[owner]);\n                workspace.SyncDirectory();\n                taken.Place(name);\n                left = null;",
            "ModelHistoryTests"),
        new("the journal is emptied before it is merged", "Merge/JournalApply.cs",
            "            files = new JournalMerge",
            "            workspace.Lock.Exclusively(() => journal.Clear(pending));\n            pending = journal.Load();\n            files = new JournalMerge",
            "DamageTests"),
    ];

    private static IEnumerable<SourceBug> Checks() =>
    [
        new("a line's sum is not compared", "Files/LineSeal.cs", "if (!text.Slice(end + SumBegins.Length, SumDigits).SequenceEqual(expected))", "if (text.IsEmpty)",
            "JournalReaderTests"),
        new("nobody counts the lines of a file", "Files/SealedFile.cs", "&& (count > _read || count < _whole) ?", "&& count < 0 ?",
            "DamageTests"),
        new("a file whose last lines are gone is believed", "Files/SealedFile.cs", "_hasSeals && _count is null ?", "_hasSeals && _count < 0 ?",
            "EveryByteTests"),
        new("any journal is taken for the one that the disk confirmed", "Files/DurableNote.cs",
            "return TryRead(found) && found[BootBytes..HeadAt].SequenceEqual(expected[BootBytes..HeadAt]);", "return TryRead(found);", "JournalSafetyTests"),
        new("nobody notices that a journal was cut", "Files/JournalSnapshot.cs", "        LostBytes > 0 ?", "        LostBytes < 0 ?", "EveryByteTests"),
        new("lines of the journal that are not understood are not told of", "Files/JournalReader.cs", "                part.BadLines++;", "                part.BadLines += 0;",
            "DamageTests"),
        new("a line is appended to what a crash left of another", "Files/Journal.cs", "        long end = MendTail(file, known);", "        long end = known.Length + known.TailLength;",
            "EveryByteTests"),
        new("a failed write leaves part of a line", "Files/Journal.cs", "            file.SetLength(at);\n            throw;", "            throw;",
            "JournalSafetyTests"),
        new("a journal that another process fills is emptied", "Files/Journal.cs",
            "if (now.Identity != merged.Identity || now.Length + now.TailLength != merged.Length + merged.TailLength)", "if (now.Length < 0)",
            "JournalSafetyTests"),
        new("what was compressed is not compared", "Rotation/Rotator.cs", "if (Digest(again, copyTo: null) != written || faults.Count > 0)", "if (Digest(again, copyTo: null) == default)",
            "RewriteSafetyTests"),
        new("an index of another archive is believed", "Index/IndexFile.cs",
            "            || BinaryPrimitives.ReadInt64LittleEndian(start.AsSpan(16)) != archiveLength\n            || BinaryPrimitives.ReadUInt128LittleEndian(start.AsSpan(24)) != archiveDigest())",
            "            || archiveDigest() == default)", "DamageTests"),
        new("sums of an index's parts are not compared", "Index/IndexFile.cs",
            " && XxHash3.HashToUInt64(bytes) == BinaryPrimitives.ReadUInt64LittleEndian(head[16..]) ? bytes : null", " ? bytes : null", "IndexFileTests"),
        new("archives have no checksums", "Files/ArchiveWriter.cs",
            "_compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);", "_compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 0);",
            "DamageTests"),
        new("an archive is merged into that is not what its index was made of", "Merge/FrameReader.cs",
            "_pieceOffset + _pieceLength == _archive.Length && _digest.GetCurrentHashAsUInt128() == _archive.Digest", "_pieceOffset + _pieceLength <= long.MaxValue",
            "ArchiveSpliceTests"),
        new("a block that cannot be decoded is not told of", "Files/BlockStream.cs",
            "                _reportDamage($\"block {NextBlock} of {_table.Count} cannot be decoded\", null);", "                _decodedUsed = 0;",
            "DamageTests"),
        new("a block that the disk does not give is not told of", "Files/BlockStream.cs",
            "            _reportDamage($\"block {NextBlock} of {_table.Count} cannot be read: {DiskErrors.Cause(error)}\", error);", "            _ = error;", "BadSectorTests"),
        new("what is older than the oldest archive's name is not in doubt when its end is damaged", "Files/ArchiveList.cs",
            "new(index == Names.Count - 1 ? 0 : Names[index].Epoch, UpperBound(index))", "new(Names[index].Epoch, UpperBound(index))", "BadSectorTests"),
        new("a failed sync is overlooked beside another error", "SideBySide.cs",
            "errors.InnerExceptions.FirstOrDefault(static error => error is SyncException) ?? errors.InnerExceptions[0]", "errors.InnerExceptions[0]", "SideBySideTests"),
        new("an index is put beside what its archive has become", "Index/IndexKeeper.cs", "if (IndexLoader.TryDigest(archive.File) != made.Digest)",
            "if (made.Digest == default)", "IndexKeeperTests"),
        new("damage in an archive is not told of", "Files/ArchiveSource.cs",
            "        _damage.Add(new Damage(_name.ToString(), from, to, _problemLines, _problem!));\n", "", "DamageTests"),
        new("a state whose sum is wrong is believed", "State/StateFile.cs",
            "return file.Read(0, content.Span) == content.Length && LineSeal.TryOpen(ref content) ? content.Span : [];",
            "return file.Read(0, content.Span) == content.Length && (LineSeal.TryOpen(ref content) || content.Length > 0) ? content.Span : [];",
            "EveryByteTests"),
        new("a state that another process left half changed is taken for the one that is known", "State/StateFile.cs",
            "_atRest.Length > 0 && Read().SequenceEqual(_atRest)", "_atRest.Length > 0", "ProvenFaultTests"),
        new("a gap is not worth writing the state", "State/StateChanges.cs", "        report.Gap is null\n        && report", "        report", "StateChangesTests"),
        new("a process goes on writing after a sync that failed", "WriteGuard.cs", "throw _failure = new", "throw new", "ConfirmedTests"),
        new("what is being written is shown before the disk has it", "CacheWriter.cs", "        _snapshots.ShowOnly(reader.Content);\n", "", "ConfirmedTests"),
        new("what was shown while a batch was written is taken for what is there afterwards", "Index/SnapshotStore.cs",
            "            if (_confirmed is null)\n                _watch.Rely();\n", "            _watch.Rely();\n", "ConfirmedTests"),
        new("who writes sees only what was confirmed before", "Index/SnapshotStore.cs", "isWriter ? null : _confirmed", "_confirmed", "ConfirmedTests"),
        new("who has the lock, or waits for it, writes after a sync that failed", "WriteGuard.cs", "        EnsureConfirmed();\n", "", "ConfirmedTests"),
        new("a reading that failed half way is relied on", "Index/SnapshotStore.cs", "            _watch.BeforeReading();\n", "            _watch.BeforeReading();\n            _watch.Rely();\n",
            "UnchangedTests"),
        new("what the disk did not confirm is shown", "CacheWriter.cs", "            _journal.DoubtNames();\n            throw;", "            _snapshots.ShowAll();\n            throw;",
            "ConfirmedTests"),
        new("names that were not confirmed are not synced by the next update", "CacheWriter.cs", "            _journal.DoubtNames();\n            throw;", "            throw;", "ConfirmedTests"),
        new("two write at a time", "Disk/DirectoryLock.cs", "if (writerLock.TryTake(LockMode.Exclusive, timeout))", "if (writerLock.TryTake(LockMode.Shared, timeout))",
            "LockTests"),
        new("files are put in place while others open them", "Disk/DirectoryLock.cs", "if (!_lock.TryTake(LockMode.Exclusive, _timeout))", "if (!_lock.TryTake(LockMode.Shared, _timeout))",
            "LockTests"),
        new("what others changed meanwhile is written over", "Disk/DirectoryLock.cs", "            if (Signature() != before)", "            if (before.Length < 0)",
            "LockTests"),
    ];

    private static IEnumerable<SourceBug> Repairs() =>
    [
        new("what a process before left unsynced counts as stored", "CacheWriter.cs", "_journal.EnsureDurable();", ";", "JournalSafetyTests"),
        new("temporary files stay", "Recovery.cs", "            workspace.Disk.Delete(workspace.PathOf(name));\n        bool isNew", "            _ = name;\n        bool isNew",
            "ReferenceBehaviourTests"),
        new("a state that is lost is not made anew", "Recovery.cs", "        rebuildState();\n", "", "ProvenFaultTests"),
        new("a renaming that was interrupted is not finished", "Recovery.cs", "        else if (!state.IsAtRest && finishes)\n            Finish();\n", "",
            "ModelHistoryTests"),
        new("a renaming that a bad sector stopped is not finished", "CacheWriter.cs", "        new Recovery(_workspace, _journal, _stateFile).Finish();\n", "",
            "BadSectorTests"),
        new("a renaming is finished before the file that stopped it is mended", "CacheWriter.cs", "finishes: !workspace.Options.Salvages", "finishes: true", "BadSectorTests"),
        new("what a repair finds lost is not noted", "Check/Mending.cs", "            noteDamage(damage);\n", "", "BadSectorTests"),
        new("a file of which the disk does not give all is not kept", "Check/Mending.cs",
            "            Aside.KeepUnread(workspace, rows);\n", "", "BadSectorTests"),
        new("an update fails for an archive that it need not read", "CacheWriter.cs", "? ApplyIfReadable(progress) : null", "? Apply(progress) : null", "BadSectorTests"),
        new("a reader goes on with a journal that is not what it was", "Index/SnapshotStore.cs",
            "            _journal.Forget();\n            return _journal.Load(keepsLines: true);", "            throw;", "JournalTailTests"),
        new("an update goes on with a journal that is not what it was", "CacheWriter.cs", "            _journal.Forget();\n", "", "JournalTailTests"),
        new("the plain file of a damaged compressed one is thrown away", "Rotation/Rotator.cs", "            Complete(plain);", "            _ = plain;",
            "RewriteSafetyTests"),
        new("damage is not noted before its only trace is replaced", "Merge/ArchiveMerge.cs", "            noteDamage?.Invoke();\n", "", "RewriteSafetyTests"),
        new("damage of a journal is not noted before it goes", "Merge/JournalApply.cs", "            noteDamage([lost]);\n", "", "CacheWriterTests"),
        new("a journal that is not what it was stays known", "Merge/JournalApply.cs", "            journal.Forget();\n", "", "CacheWriterTests"),
        new("a running row replaces a finished one", "UpdatePlan.cs",
            "            bool isOver = IsFinished(line) || journal.Find(line) >= 0\n                || (!isKnown && lookup.TryFind(line, out TaskLine stored) && !stored.IsRunning);",
            "            bool isOver = false;", "CrashTests"),
    ];
}
