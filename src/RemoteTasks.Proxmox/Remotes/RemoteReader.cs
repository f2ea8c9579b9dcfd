using System.Text.Json;

namespace RemoteTasks.Proxmox.Remotes;

/// <summary>Reads one remote of the remotes file. What is wrong is said with the member's name and the form it should have, never with its value.</summary>
internal sealed class RemoteReader(string file, int index, JsonElement remote)
{
    private static readonly string[] Members = ["id", "type", "nodes", "authid", "token", "token-file", "web-url"];
    private static readonly string[] NodeMembers = ["hostname", "fingerprint"];

    private string _name = $"remote number {index + 1}";

    /// <summary>Whether the file itself holds the secret; known after <see cref="Read"/>.</summary>
    internal bool HasInlineToken { get; private set; }

    internal RemoteDefinition Read(IReadOnlyCollection<RemoteDefinition> before)
    {
        CheckMembers(remote, Members, "");
        string id = ReadId(before);
        RemoteType type = Required(remote, "type", "") switch
        {
            RemoteTypes.Pve => RemoteType.Pve,
            RemoteTypes.Pbs => RemoteType.Pbs,
            _ => throw Fault("type", "it is neither \"pve\" nor \"pbs\"", "Write \"pve\" for Proxmox VE or \"pbs\" for Proxmox Backup Server."),
        };
        string authId = Required(remote, "authid", "");
        if (!RemoteRules.IsAuthId(authId))
            throw Fault("authid", "it does not name an API token", $"Write {RemoteRules.AuthIdForm}; the secret belongs into \"token\" or \"token-file\".");
        return new RemoteDefinition
        {
            Id = id,
            Type = type,
            Endpoints = ReadEndpoints(type),
            AuthId = authId,
            Token = ReadToken(),
            WebUrl = ReadWebUrl(),
        };
    }

    private string ReadId(IReadOnlyCollection<RemoteDefinition> before)
    {
        string id = Required(remote, "id", "");
        if (!RemoteRules.IsId(id))
            throw Fault("id", "it is not a valid id", $"Use {RemoteRules.IdForm}.");
        _name = $"remote '{id}' (number {index + 1})";
        if (before.Any(other => other.Id == id))
            throw Fault("id", "another remote has the same id", "Give each remote an id of its own.");
        return id;
    }

    private List<RemoteEndpoint> ReadEndpoints(RemoteType type)
    {
        const string Form = "Write a list of one or more of {\"hostname\":\"host:port\",\"fingerprint\":\"AA:..\"}.";
        if (!remote.TryGetProperty("nodes", out JsonElement nodes) || nodes.ValueKind != JsonValueKind.Array || nodes.GetArrayLength() == 0)
            throw Fault("nodes", "it is missing, empty or no list", Form);
        var endpoints = new List<RemoteEndpoint>();
        foreach (JsonElement node in nodes.EnumerateArray())
        {
            string where = $"nodes[{endpoints.Count}]";
            CheckMembers(node, NodeMembers, where);
            endpoints.Add(ReadEndpoint(node, where, type));
        }
        return endpoints;
    }

    private RemoteEndpoint ReadEndpoint(JsonElement node, string where, RemoteType type)
    {
        RemoteEndpoint endpoint;
        try
        {
            endpoint = RemoteEndpoint.Parse(Required(node, "hostname", where), type);
        }
        catch (FormatException e)
        {
            throw Fault($"{where}.hostname", "it is not an address", e.Message);
        }
        try
        {
            return endpoint with { Fingerprint = Optional(node, "fingerprint", where) };
        }
        catch (FormatException e)
        {
            throw Fault($"{where}.fingerprint", "it is not a fingerprint", e.Message);
        }
    }

    private ApiToken ReadToken()
    {
        string? token = Optional(remote, "token", "");
        string? tokenFile = Optional(remote, "token-file", "");
        if (token is null == tokenFile is null)
            throw Fault("token", token is null ? "there is no token" : "there are both \"token\" and \"token-file\"",
                "Give either \"token\", the secret itself, or \"token-file\", the path of a file that holds it.");
        HasInlineToken = token is not null;
        return token is not null ? MakeToken("token", token) : MakeToken("token-file", ReadTokenFile(tokenFile!));
    }

    private string ReadTokenFile(string name)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "", name);
        SecretFile secret;
        try
        {
            secret = SecretFile.Read(path, ApiToken.FileBytesMax);
        }
        catch (Exception e) when (SecretFile.IsReadError(e))
        {
            throw Fault("token-file", $"the file cannot be read ({RemoteText.Clean(e.Message).TrimEnd('.')})",
                "Check that it exists, relative to the folder of the remotes file, and that this user may read it.");
        }
        if (secret.OthersMayRead)
            throw Fault("token-file", "others may read the file", $"Run: chmod 600 {path}");
        return secret.Text;
    }

    private ApiToken MakeToken(string member, string secret)
    {
        try
        {
            return new ApiToken(secret);
        }
        catch (ArgumentException)
        {
            throw Fault(member, "the token is empty, too long, or has blanks or characters that are not ASCII",
                "Write the secret as it was shown when the token was made, without the token's name.");
        }
    }

    private string? ReadWebUrl()
    {
        string? url = Optional(remote, "web-url", "");
        // It becomes a link on a page: anything but http(s) could be a script.
        bool valid = url is null || (Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "https" or "http" && parsed.UserInfo.Length == 0);
        return valid ? url : throw Fault("web-url", "it is not a web address", "Write an address that begins with https://, without user and password.");
    }

    private void CheckMembers(JsonElement element, string[] known, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Fault(where, "it is no object", $"Write an object with the members {string.Join(", ", known)}.");
        foreach (JsonProperty member in element.EnumerateObject())
        {
            // A misspelt "fingerprint" must not quietly leave a remote without its pin.
            if (!known.Contains(member.Name, StringComparer.Ordinal))
                throw Fault(where, $"it has an unknown member '{RemoteText.Clean(member.Name, 40)}'", $"The members are: {string.Join(", ", known)}.");
        }
    }

    private string Required(JsonElement element, string member, string where) =>
        Optional(element, member, where) ?? throw Fault(Join(where, member), "it is missing", "Write a text.");

    private string? Optional(JsonElement element, string member, string where)
    {
        if (!element.TryGetProperty(member, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        try
        {
            if (value.ValueKind == JsonValueKind.String)
                return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape: no text, said below.
        }
        throw Fault(Join(where, member), "it is no text", "Write it in quotes, in UTF-8.");
    }

    private static string Join(string where, string member) => where.Length == 0 ? member : $"{where}.{member}";

    private RemotesFileException Fault(string member, string problem, string remedy) =>
        new(file, member.Length == 0 ? _name : $"{_name}, '{member}'", problem, remedy);
}
