using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>
/// A remotes file that is being changed. Members of the remotes that are not touched stay as they are; whoever edits decides where the new content goes,
/// and readable by whom: it holds secrets.
/// </summary>
public sealed class RemotesEditor
{
    // Relaxed: names and URLs stay readable. The file is never part of a page.
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions WithoutComments = new() { MaxDepth = 16, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Disallow };

    private readonly string _path;
    private readonly JsonObject _root;
    private readonly JsonArray _list;

    private RemotesEditor(string path, JsonObject root, IReadOnlyList<RemoteDefinition> remotes)
    {
        _path = path;
        _root = root;
        _list = root["remotes"]!.AsArray();
        Remotes = remotes;
    }

    /// <summary>The remotes as they are in the file.</summary>
    public IReadOnlyList<RemoteDefinition> Remotes { get; }

    /// <summary>Reads a file; one that is not there has no remotes, nor has a link that leads nowhere yet.</summary>
    /// <exception cref="RemotesFileException">It is not as it should be, or has comments, which would be lost.</exception>
    public static RemotesEditor Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsThere(path))
            return new RemotesEditor(path, new JsonObject { ["remotes"] = new JsonArray() }, []);
        SecretFile file = RemotesFile.Open(path);
        IReadOnlyList<RemoteDefinition> remotes = RemotesFile.Read(path, file);
        try
        {
            JsonNode? root = JsonNode.Parse(RemotesFile.WithoutMark(file.Content).Span, nodeOptions: null, WithoutComments);
            return new RemotesEditor(path, root!.AsObject(), remotes);
        }
        catch (JsonException)
        {
            throw new RemotesFileException(path, where: null, "it has comments, which would be lost", "Change it by hand, or take the comments out.");
        }
    }

    /// <summary>Adds a remote at the end.</summary>
    /// <param name="remote">The remote.</param>
    /// <param name="tokenFile">Where its secret is read from; null: the file holds the secret itself.</param>
    /// <exception cref="RemotesFileException">There is one with this id, or it cannot be used.</exception>
    public void Add(RemoteDefinition remote, string? tokenFile)
    {
        ArgumentNullException.ThrowIfNull(remote);
        try
        {
            RemoteRules.Check(remote);
        }
        catch (ArgumentException error)
        {
            throw new RemotesFileException(_path, where: null, "the new remote cannot be added", RemoteText.Of(error));
        }

        if (Remotes.Any(other => other.Id == remote.Id))
            throw new RemotesFileException(_path, where: null, $"there is a remote '{remote.Id}' already", "Choose another id, or remove that one first.");
        var added = new JsonObject
        {
            ["id"] = remote.Id,
            ["type"] = remote.Type.Word(),
            ["nodes"] = new JsonArray([.. remote.Endpoints.Select(Node)]),
            ["authid"] = remote.AuthId,
        };
        if (tokenFile is null)
            added["token"] = remote.Token.Reveal();
        else
            added["token-file"] = tokenFile;
        if (remote.WebUrl is not null)
            added["web-url"] = remote.WebUrl;
        _list.Add((JsonNode)added);
    }

    /// <summary>Gives a remote another id.</summary>
    /// <exception cref="RemotesFileException">There is no such remote, or the new id cannot be used.</exception>
    public void Rename(string id, string newId)
    {
        int index = IndexOf(id);
        if (!RemoteRules.IsId(newId))
            throw new RemotesFileException(_path, where: null, "the new name is not a valid id", $"Use {RemoteRules.IdForm}.");
        if (Remotes.Any(other => other.Id == newId))
            throw new RemotesFileException(_path, where: null, $"there is a remote '{newId}' already", "Choose another id.");
        _list[index]!["id"] = newId;
    }

    /// <summary>Takes a remote out.</summary>
    /// <exception cref="RemotesFileException">There is no such remote.</exception>
    public void Remove(string id) => _list.RemoveAt(IndexOf(id));

    /// <summary>The changed file, which can be read again.</summary>
    /// <exception cref="RemotesFileException">It could not: something that was added is not as it should be.</exception>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
            _root.WriteTo(json);
        bytes.Write("\n"u8);
        byte[] content = bytes.ToArray();
        RemotesFile.Read(_path, new SecretFile(content, OthersMayRead: false));
        return content;
    }

    /// <summary>Asked of what a link leads to: a link that leads nowhere is there itself.</summary>
    private static bool IsThere(string path) =>
        File.Exists(path) && (new FileInfo(path).LinkTarget is null || File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: true });

    private static JsonObject Node(RemoteEndpoint endpoint)
    {
        var node = new JsonObject { ["hostname"] = endpoint.ToString() };
        if (endpoint.Fingerprint is not null)
            node["fingerprint"] = endpoint.Fingerprint;
        return node;
    }

    private int IndexOf(string id)
    {
        for (int i = 0; i < Remotes.Count; i++)
        {
            if (Remotes[i].Id == id)
                return i;
        }

        string known = Remotes.Count == 0 ? "There are none yet." : $"There are: {string.Join(", ", Remotes.Select(remote => remote.Id))}.";
        throw new RemotesFileException(_path, where: null, $"there is no remote '{RemoteText.Clean(id, 40)}'", known);
    }
}
