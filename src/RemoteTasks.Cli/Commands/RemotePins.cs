using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary>
/// What the addresses of a new remote are pinned to: nothing where this system trusts the certificate by itself and no fingerprint was given. A
/// certificate that is not trusted is shown, and taken when its fingerprint was given, or a person says yes; never otherwise. Where nobody answers
/// there is nothing to compare: such an address gets the fingerprint that was given for it, or none when it is added without a test.
/// </summary>
/// <param name="terminal">Where a person may sit.</param>
/// <param name="expected">Fingerprints that are right; of a cluster each node has its own.</param>
/// <param name="isTested">Whether a remote that does not answer as it should is refused.</param>
internal sealed class RemotePins(Terminal terminal, string[] expected, bool isTested)
{
    /// <summary>The addresses with their pins, in their order.</summary>
    /// <exception cref="UsageException">A certificate is not the right one, or nobody can tell; nobody was asked about another one then.</exception>
    internal async Task<RemoteEndpoint[]> PinAsync(IReadOnlyList<RemoteEndpoint> endpoints, CancellationToken ct)
    {
        List<string> given = [.. expected.Select(fingerprint => Pinned(endpoints[0], fingerprint).Fingerprint!)];
        Look[] looks = await Task.WhenAll(endpoints.Select(endpoint => LookAsync(endpoint, ct)));
        List<string> left = [.. given];
        foreach (Look look in looks.Where(look => look.Found is not null))
        {
            if (given.Count > 0 && !given.Contains(look.Found!.Fingerprint))
            {
                throw new UsageException(
                    $"{look.Endpoint}: its certificate is another one. Expected {string.Join(" or ", given)}, "
                    + $"found {look.Found.Fingerprint}. Nothing was changed.");
            }

            left.Remove(look.Found!.Fingerprint);
        }

        Queue<string?> forSilent = ForSilent([.. looks.Where(look => look.Found is null)], left);
        var pinned = new List<RemoteEndpoint>();
        foreach (Look look in looks)
        {
            pinned.Add(look.Found is null ? Uncompared(look, forSilent.Dequeue())
                : given.Count > 0 ? Pinned(look.Endpoint, look.Found.Fingerprint)
                : await AskAsync(look.Endpoint, look.Found, ct));
        }

        return [.. pinned];
    }

    private static async Task<Look> LookAsync(RemoteEndpoint endpoint, CancellationToken ct)
    {
        try
        {
            return new Look(endpoint, await RemoteCertificateCommand.GetAsync(endpoint, ct), "");
        }
        catch (IOException error)
        {
            return new Look(endpoint, Found: null, error.Message);
        }
    }

    /// <summary>A pin for each address that did not answer: the fingerprints that are of no other one, in their order, if there is one each.</summary>
    private Queue<string?> ForSilent(Look[] silent, List<string> left)
    {
        if (silent.Length == left.Count || (!isTested && left.Count == 0))
            return new Queue<string?>(silent.Select((_, i) => left.ElementAtOrDefault(i)));
        if (silent.Length == 0)
            return [];
        string fingerprints = left.Count == 1 ? "1 fingerprint is" : $"{left.Count} fingerprints are";
        string which = left.Count == 0 ? ""
            : $"{fingerprints} of none of the others, and which of the {silent.Length} that do not answer is meant cannot be told. ";
        string remedy = left.Count == 0 ? " By --no-test it is added without a pin." : "";
        throw new UsageException(
            $"{string.Join(' ', silent.Select(look => look.Problem))} {which}Not added. Bring it up, leave it out, or give also the fingerprint that it "
            + $"shows on its own console ('pvenode cert info', 'proxmox-backup-manager cert info') by another --fingerprint.{remedy}");
    }

    private RemoteEndpoint Uncompared(Look look, string? fingerprint)
    {
        terminal.Error.WriteLine(look.Problem);
        terminal.Error.WriteLine(fingerprint is null
            ? $"{look.Endpoint}: added without a pin: it will be used only with a certificate that this system trusts by itself. "
                + "Write its fingerprint into the file when it is up."
            : $"{look.Endpoint}: pinned to {fingerprint}, which was given and could not be compared.");
        return fingerprint is null ? look.Endpoint : Pinned(look.Endpoint, fingerprint);
    }

    private async Task<RemoteEndpoint> AskAsync(RemoteEndpoint endpoint, EndpointCertificate found, CancellationToken ct)
    {
        if (found.Problem is null)
            return endpoint;
        RemoteCertificateCommand.Print(terminal.Error, endpoint, found);
        if (terminal.AskYes is null)
        {
            throw new UsageException(
                $"{endpoint}: nobody is there to say whether this certificate is the right one. Compare it on the host itself, then give "
                + $"--fingerprint {found.Fingerprint}");
        }


        return await terminal.AskYes("Is this the fingerprint that the host itself shows? Trust it from now on?", ct)
            ? Pinned(endpoint, found.Fingerprint)
            : throw new UsageException("Nothing was changed.");
    }

    private static RemoteEndpoint Pinned(RemoteEndpoint endpoint, string fingerprint)
    {
        try
        {
            return endpoint with { Fingerprint = fingerprint };
        }
        catch (FormatException error)
        {
            throw new UsageException($"--fingerprint: {error.Message}");
        }
    }

    /// <param name="Endpoint">The address.</param>
    /// <param name="Found">What it showed; null: nothing.</param>
    /// <param name="Problem">Why it showed nothing.</param>
    private sealed record Look(RemoteEndpoint Endpoint, EndpointCertificate? Found, string Problem);
}
