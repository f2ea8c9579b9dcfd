using System.Buffers.Binary;
using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace RemoteTasks.Mutation.Tests;

/// <summary>
/// Lets the runtime optimise the changed engine. dotnet-stryker compiles it as for a debugger, whatever the configuration, and each of the thousands of places
/// where a mistake could be is a call then: one run of the tests took 1.6 times as much of the processor. Before the engine is loaded, the one flag that says
/// so is cleared in its file.
/// </summary>
internal static class OptimisedEngine
{
    // Of the attribute's value: two bytes that begin every such value, and then the modes.
    private const int ModesAt = 2;

    [ModuleInitializer]
    internal static void Allow()
    {
        using FileStream file = File.Open(Path.Combine(AppContext.BaseDirectory, "RemoteTasks.Cache.dll"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] modes = new byte[sizeof(int)];
        int offset = FindModes(file);
        file.Position = offset;
        file.ReadExactly(modes);
        var allowed = (DebuggableAttribute.DebuggingModes)BinaryPrimitives.ReadInt32LittleEndian(modes) & ~DebuggableAttribute.DebuggingModes.DisableOptimizations;
        BinaryPrimitives.WriteInt32LittleEndian(modes, (int)allowed);

        // One bit of it changes: who loads it just now finds it set or not.
        file.Position = offset;
        file.Write(modes);
    }

    /// <summary>Where the modes lie in the engine's file.</summary>
    private static int FindModes(Stream file)
    {
        using var image = new PEReader(file, PEStreamOptions.LeaveOpen);
        MetadataReader metadata = image.GetMetadataReader();
        CustomAttribute attribute = metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute).Single(IsDebuggable);
        int blob = image.PEHeaders.MetadataStartOffset + metadata.GetHeapMetadataOffset(HeapIndex.Blob) + metadata.GetHeapOffset(attribute.Value);

        // It begins with its length, which takes one byte.
        return blob + 1 + ModesAt;

        bool IsDebuggable(CustomAttribute candidate) =>
            candidate.Constructor.Kind == HandleKind.MemberReference
            && metadata.GetMemberReference((MemberReferenceHandle)candidate.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
            && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, nameof(DebuggableAttribute));
    }
}
