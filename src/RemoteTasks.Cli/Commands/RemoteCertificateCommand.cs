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
            Print(terminal.Out, endpoint, await GetAsync(endpoint, ct));
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

    /// <exception cref="IOException">It shows none.</exception>
    internal static Task<EndpointCertificate> GetAsync(RemoteEndpoint endpoint, CancellationToken ct) =>
        EndpointCertificate.GetAsync(endpoint, Patience, ct);

    internal static void Print(TextWriter to, RemoteEndpoint endpoint, EndpointCertificate found)
    {
        to.WriteLine($"address      {endpoint}");
        to.WriteLine($"fingerprint  {found.Fingerprint}");
        to.WriteLine($"subject      {found.Subject}");
        to.WriteLine($"issuer       {found.Issuer}");
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"valid        {found.NotBefore.UtcDateTime:u} to {found.NotAfter.UtcDateTime:u}"));
        to.WriteLine($"this system  {(found.Problem is null ? "trusts it" : $"does not trust it by itself: {found.Problem}")}");
    }
}
