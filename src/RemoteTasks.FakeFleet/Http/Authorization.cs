namespace RemoteTasks.FakeFleet.Http;

/// <summary>Understands the Authorization headers of API tokens in all the spellings the products accept.</summary>
internal static class Authorization
{
    /// <summary><c>PVEAPIToken=USER@REALM!NAME=SECRET</c>: a blank may replace the first '=', and the last '=' begins the secret.</summary>
    public static bool IsPve(string? header, FakeRemote remote)
    {
        if (Value(header, "PVEAPIToken") is not { } value) return false;
        value = Uri.UnescapeDataString(value.Split(';')[0]);
        var cut = value.LastIndexOf('=');
        return cut > 0 && value[..cut] == remote.AuthId && value[(cut + 1)..] == remote.Token;
    }

    /// <summary><c>PBSAPIToken=USER@REALM!NAME:SECRET</c>: the first ':' begins the secret.</summary>
    public static bool IsPbs(string? header, FakeRemote remote)
    {
        if (Value(header, "PBSAPIToken") is not { } value) return false;
        var cut = value.IndexOf(':', StringComparison.Ordinal);
        return cut > 0 && value[..cut] == remote.AuthId && Uri.UnescapeDataString(value[(cut + 1)..]) == remote.Token;
    }

    private static string? Value(string? header, string scheme) =>
        header is not null && header.StartsWith(scheme, StringComparison.Ordinal)
        && header.Length > scheme.Length && header[scheme.Length] is '=' or ' '
            ? header[(scheme.Length + 1)..].Trim()
            : null;
}
