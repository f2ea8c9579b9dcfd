using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>
/// The file that says which remotes there are:
/// <code>
/// {"remotes":[{"id":"cluster-a","type":"pve","nodes":[{"hostname":"10.0.0.1:8006","fingerprint":"AA:.."}],
///              "authid":"mon@pve!tasks","token-file":"cluster-a.token","web-url":"https://10.0.0.1:8006"}]}
/// </code>
/// Instead of <c>token-file</c> (a path, relative to the folder of this file) there may be the secret itself as <c>token</c>.
/// Port, <c>fingerprint</c> and <c>web-url</c> may be left out. Comments and trailing commas are allowed, unknown members are not.
/// </summary>
public static class RemotesFile
{
    private const int FileBytesMax = 4 * 1024 * 1024;

    private static readonly JsonDocumentOptions Json = new()
    {
        MaxDepth = 16,
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads all remotes, in the order of the file; there may be none.</summary>
    /// <exception cref="RemotesFileException">A file is missing, readable by others although it has secrets, or not as it should be.</exception>
    public static IReadOnlyList<RemoteDefinition> Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Read(path, Open(path));
    }

    /// <summary>The remotes of a file's content.</summary>
    internal static IReadOnlyList<RemoteDefinition> Read(string path, SecretFile file)
    {
        if (!Utf8.IsValid(file.Content.Span))
            throw new RemotesFileException(path, where: null, "it is not UTF-8", "Save it as UTF-8.");
        using JsonDocument document = Parse(path, file.Content);
        var remotes = new List<RemoteDefinition>();
        bool inlineToken = false;
        foreach (JsonElement element in Elements(path, document.RootElement))
        {
            var reader = new RemoteReader(path, remotes.Count, element);
            remotes.Add(reader.Read(remotes));
            inlineToken |= reader.HasInlineToken;
        }
        if (inlineToken && file.OthersMayRead)
            throw new RemotesFileException(path, where: null, "it holds tokens and others may read it", $"Run: chmod 600 {path}");
        return remotes;
    }

    internal static SecretFile Open(string path)
    {
        try
        {
            return SecretFile.Read(path, FileBytesMax);
        }
        catch (Exception e) when (SecretFile.IsReadError(e))
        {
            throw new RemotesFileException(path, where: null, $"it cannot be read ({RemoteText.Clean(e.Message).TrimEnd('.')})",
                "Check that the file exists and that this user may read it.", e);
        }
    }

    private static JsonDocument Parse(string path, ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonDocument.Parse(WithoutMark(content), Json);
        }
        catch (JsonException e)
        {
            // The parser's own text may quote what it stumbled over, and that may be a secret: neither shown nor kept as the cause.
            string place = e.LineNumber is { } line ? $" in line {line + 1} at byte {e.BytePositionInLine + 1}" : "";
            throw new RemotesFileException(path, where: null, $"it is not valid JSON{place}, or has a member twice",
                "Write an object with the list \"remotes\".");
        }
    }

    /// <summary>Some editors begin a file with a byte order mark, which is no JSON.</summary>
    internal static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> content) =>
        content.Span.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;

    private static JsonElement.ArrayEnumerator Elements(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("remotes", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw new RemotesFileException(path, where: null, "it has no list \"remotes\"", "Write {\"remotes\":[…]}.");
        return list.EnumerateArray();
    }
}
