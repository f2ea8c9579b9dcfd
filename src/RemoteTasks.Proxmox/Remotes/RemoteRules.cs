using System.Text.RegularExpressions;

namespace RemoteTasks.Proxmox.Remotes;

/// <summary>How the names in a definition are written; one place for the client and the remotes file.</summary>
internal static partial class RemoteRules
{
    internal const string IdForm = "2 to 32 letters, digits, '_', '.' or '-', the first a letter, digit or '_'";
    internal const string AuthIdForm = "user@realm!tokenname, for example mon@pve!tasks";

    internal static bool IsId(string id) => id.Length is >= 2 and <= 32 && IdPattern().IsMatch(id);

    internal static bool IsAuthId(string authId) => authId.Length <= 256 && AuthIdPattern().IsMatch(authId);

    internal static bool IsNode(string node) => node.Length <= 63 && NodePattern().IsMatch(node);

    /// <exception cref="ArgumentException">The definition cannot be used.</exception>
    internal static void Check(RemoteDefinition remote)
    {
        if (!IsId(remote.Id))
            throw new ArgumentException($"The id of a remote has {IdForm}.", nameof(remote));
        if (!Enum.IsDefined(remote.Type))
            throw new ArgumentException("The type of a remote is Pve or Pbs.", nameof(remote));
        if (!IsAuthId(remote.AuthId))
            throw new ArgumentException($"The auth id of a remote has the form {AuthIdForm}.", nameof(remote));
        if (remote.Endpoints.Count == 0)
            throw new ArgumentException("A remote has at least one endpoint.", nameof(remote));
    }

    // \z, not $: the latter allows a line break at the end.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._\-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex IdPattern();

    // User names may hold '@' (directory users do); the realm begins after the last one. Visible ASCII only: it goes into a header.
    [GeneratedRegex(@"^[!-.0-9;-~]+@[A-Za-z0-9][A-Za-z0-9._\-]*![A-Za-z0-9_][A-Za-z0-9._\-]*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AuthIdPattern();

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NodePattern();
}
