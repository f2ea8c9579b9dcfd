using System.Text;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>
/// The remotes of a Proxmox Datacenter Manager: its <c>remotes.cfg</c>, and <c>remotes.shadow</c> beside it, which has the secrets. Sections begin with
/// <c>pve: id</c> or <c>pbs: id</c>; indented lines below them are properties; there is a line <c>nodes host[:port],fingerprint=AA:..</c> for each address.
/// </summary>
public static class DatacenterManagerRemotes
{
    private const int FileBytesMax = 4 << 20;
    private const string SecretIsElsewhere = "-";

    /// <summary>Reads both files.</summary>
    /// <param name="path">Of <c>remotes.cfg</c>.</param>
    /// <param name="notes">Takes what was left out, and why, a sentence each.</param>
    /// <exception cref="RemotesFileException">A file cannot be read, or is no such file.</exception>
    public static IReadOnlyList<RemoteDefinition> Load(string path, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(notes);
        string shadow = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "remotes.shadow");
        Dictionary<string, string> secrets = File.Exists(shadow)
            ? Sections(shadow).Where(section => section.Token is not null).ToDictionary(section => section.Id, section => section.Token!, StringComparer.Ordinal)
            : [];
        var remotes = new List<RemoteDefinition>();
        foreach (Section section in Sections(path))
        {
            string? secret = section.Token is null or SecretIsElsewhere ? secrets.GetValueOrDefault(section.Id) : section.Token;
            try
            {
                RemoteDefinition remote = Understand(section, secret);
                RemoteRules.Check(remote);
                remotes.Add(remote);
            }
            catch (Exception error) when (error is FormatException or ArgumentException)
            {
                // No text of these repeats a secret.
                notes.Add($"'{RemoteText.Clean(section.Id, 40)}' is left out: {RemoteText.Of(error)}");
            }
        }

        return remotes;
    }

    private static RemoteDefinition Understand(Section section, string? secret)
    {
        RemoteType type = section.Type switch
        {
            RemoteTypes.Pbs => RemoteType.Pbs,
            RemoteTypes.Pve => RemoteType.Pve,
            _ => throw new FormatException("Its type is neither pve nor pbs."),
        };
        return new RemoteDefinition
        {
            Id = section.Id,
            Type = type,
            Endpoints = [.. section.Nodes.Select(node => Endpoint(node, type))],
            AuthId = section.AuthId ?? throw new FormatException("It has no authid."),
            Token = new ApiToken(secret ?? throw new FormatException("Its secret is in neither file.")),
            WebUrl = section.WebUrl,
        };
    }

    private static RemoteEndpoint Endpoint(string node, RemoteType type)
    {
        string? host = null;
        string? fingerprint = null;
        foreach (string part in node.Split(','))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? "hostname" : part[..equals];
            string value = part[(equals + 1)..];
            if (key == "hostname")
                host = value;
            else if (key == "fingerprint")
                fingerprint = value;
        }

        return RemoteEndpoint.Parse(host ?? throw new FormatException("One of its nodes has no hostname."), type, fingerprint);
    }

    private static List<Section> Sections(string path)
    {
        var sections = new List<Section>();
        foreach (string line in ReadLines(path))
        {
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
                continue;
            if (!char.IsWhiteSpace(line[0]))
            {
                string[] header = line.Split(':', 2, StringSplitOptions.TrimEntries);
                if (header.Length < 2 || sections.Any(section => section.Id == header[1]))
                    throw new RemotesFileException(path, where: null, "it is no list of remotes, or has one twice", "Give the remotes.cfg of a Proxmox Datacenter Manager.");
                sections.Add(new Section(header[0], header[1]));
            }
            else if (sections is [.., var section])
            {
                string[] property = line.Trim().Split((char[])[' ', '\t'], 2, StringSplitOptions.TrimEntries);
                section.Take(property[0], property.Length < 2 ? "" : property[1]);
            }
        }

        return sections;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(SecretFile.Read(path, FileBytesMax).Content.Span).Split('\n');
        }
        catch (Exception error) when (SecretFile.IsReadError(error))
        {
            throw new RemotesFileException(path, where: null, $"it cannot be read ({RemoteText.Clean(error.Message).TrimEnd('.')})",
                "Its secrets can be read by the user www-data and by root: copy both files, or run this as one of them.", error);
        }
    }

    private sealed class Section(string type, string id)
    {
        internal string Type => type;

        internal string Id => id;

        internal List<string> Nodes { get; } = [];

        internal string? AuthId { get; private set; }

        internal string? Token { get; private set; }

        internal string? WebUrl { get; private set; }

        internal void Take(string key, string value)
        {
            switch (key)
            {
                case "nodes":
                    Nodes.Add(value);
                    break;
                case "authid":
                    AuthId = value;
                    break;
                case "token":
                    Token = value;
                    break;
                case "web-url" when Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme is "https" && url.UserInfo.Length == 0:
                    WebUrl = value;
                    break;
            }
        }
    }
}
