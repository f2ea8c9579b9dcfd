namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>A file system as it is made in an image and mounted.</summary>
/// <param name="Type">As mount and mkfs call it.</param>
/// <param name="Package">Where its mkfs is.</param>
/// <param name="Megabytes">Size of its image: about the least it can be.</param>
/// <param name="Options">Mount options.</param>
internal sealed record FileSystemKind(string Type, string Package, int Megabytes, string Options = "loop")
{
    internal static readonly FileSystemKind Ext4 = new("ext4", "e2fsprogs", 32);

    /// <summary>Without the care that ext4 takes of programs that rename before they sync.</summary>
    internal static readonly FileSystemKind Ext4Careless = Ext4 with { Options = "loop,noauto_da_alloc" };

    /// <summary>A copy has the same id as its original, which xfs would not mount.</summary>
    internal static readonly FileSystemKind Xfs = new("xfs", "xfsprogs", 320, "loop,nouuid");

    internal static readonly FileSystemKind Btrfs = new("btrfs", "btrfs-progs", 160);

    internal static FileSystemKind Of(string name) => name switch
    {
        "ext4" => Ext4,
        "ext4 noauto_da_alloc" => Ext4Careless,
        "xfs" => Xfs,
        "btrfs" => Btrfs,
        _ => throw new ArgumentException($"No such file system: {name}", nameof(name)),
    };

    /// <summary>Makes an image, sparse; its path.</summary>
    internal string Make(string path, params string[] more)
    {
        using (FileStream image = File.Create(path))
            image.SetLength((long)Megabytes << 20);
        Tool.Run($"mkfs.{Type}", [Type == "ext4" ? "-F" : "-f", "-q", .. more, path]);
        return path;
    }
}
