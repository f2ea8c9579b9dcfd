using System.CommandLine;
using System.Globalization;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote show-certificate</c></summary>
internal static class RemoteCertificateCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "HOST or HOST:PORT." };
        var type = new Option<RemoteType?>("--type") { Description = "pve or pbs: decides the port where none is given. Default: pve.", HelpName = "pve|pbs" };
        var command = new Command("show-certificate", "Show the certificate of an address. No secret is sent. On the host itself, 'pvenode cert info' or 'proxmox-backup-manager cert info' tells the same.") { address, type };
        command.SetAction(async (parsed, ct) =>
        {
            RemoteEndpoint endpoint = Parse(parsed.GetRequiredValue(address), parsed.GetValue(type) ?? RemoteType.Pve);
            Print(terminal.Out, endpoint, await EndpointCertificate.GetAsync(endpoint, Patience, ct));
            return ExitCode.Good;
        });
        return command;
    }

    internal static RemoteEndpoint Parse(string address, RemoteType type)
    {
        try
        {
            return RemoteEndpoint.Parse(address, type);
        }
        catch (FormatException error)
        {
            throw new UsageException($"'{address}' is no address. {error.Message}");
        }
    }

    /// <summary>
    /// The pin for an address: none where this system trusts the certificate by itself and none was given. A certificate that is not trusted is shown, and
    /// taken when its fingerprint was given, or a person says yes; never otherwise.
    /// </summary>
    /// <param name="terminal">Where a person may sit.</param>
    /// <param name="endpoint">The address.</param>
    /// <param name="expected">Fingerprints that are right; of a cluster each node has its own.</param>
    /// <param name="ct">Ends the call.</param>
    internal static async Task<RemoteEndpoint> PinAsync(Terminal terminal, RemoteEndpoint endpoint, string[] expected, CancellationToken ct)
    {
        RemoteEndpoint[] pins = [.. expected.Select(fingerprint => Pinned(endpoint, fingerprint))];
        EndpointCertificate found = await EndpointCertificate.GetAsync(endpoint, Patience, ct);
        if (pins.Length > 0)
        {
            return pins.FirstOrDefault(pin => pin.Fingerprint == found.Fingerprint) ?? throw new UsageException(
                $"{endpoint}: its certificate is another one. Expected {string.Join(" or ", pins.Select(pin => pin.Fingerprint))}, found {found.Fingerprint}. Nothing was changed.");
        }

        if (found.Problem is null)
            return endpoint;
        Print(terminal.Error, endpoint, found);
        if (terminal.AskYes is null)
            throw new UsageException($"{endpoint}: nobody is there to say whether this certificate is the right one. Compare it on the host itself, then give --fingerprint {found.Fingerprint}");
        return terminal.AskYes("Is this the fingerprint that the host itself shows? Trust it from now on?")
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

    private static void Print(TextWriter to, RemoteEndpoint endpoint, EndpointCertificate found)
    {
        to.WriteLine($"address      {endpoint}");
        to.WriteLine($"fingerprint  {found.Fingerprint}");
        to.WriteLine($"subject      {found.Subject}");
        to.WriteLine($"issuer       {found.Issuer}");
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"valid        {found.NotBefore.UtcDateTime:u} to {found.NotAfter.UtcDateTime:u}"));
        to.WriteLine($"this system  {(found.Problem is null ? "trusts it" : $"does not trust it by itself: {found.Problem}")}");
    }
}
