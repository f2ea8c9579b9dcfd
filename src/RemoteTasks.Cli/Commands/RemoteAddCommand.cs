using System.CommandLine;
using System.Text;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote add</c></summary>
internal static class RemoteAddCommand
{
    private const int SecretBytesMax = 4096;

    internal static Command Create(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        Argument<string> id = RemoteCommand.Id();
        var type = new Option<RemoteType>("--type") { Description = "pve for a Proxmox VE cluster, pbs for a Proxmox Backup Server.", HelpName = "pve|pbs", Required = true };
        var hosts = new Option<string[]>("--host") { Description = "Address, HOST or HOST:PORT; of a cluster some nodes, each by an option of its own, so that one may be down.", HelpName = "HOST", Required = true };
        var authId = new Option<string>("--authid") { Description = "The API token's name, in single quotes: shells take the '!' for themselves.", HelpName = "USER@REALM!NAME", Required = true };
        var tokenFile = new Option<string?>("--token-file") { Description = "File with the token's secret, which stays there. Without it the secret is asked for, or read from standard input.", HelpName = "FILE" };
        var fingerprints = new Option<string[]>("--fingerprint") { Description = "SHA-256 of the certificate to accept, when this system does not trust it by itself; may be given for each host. Without it you are asked.", HelpName = "AA:BB:.." };
        var webUrl = new Option<string?>("--web-url") { Description = "Where a browser finds the remote's own page.", HelpName = "URL" };
        var noTest = new Option<bool>("--no-test") { Description = "Add it even when it does not answer as it should." };
        var command = new Command("add", "Add a cluster or a Backup Server: look at its certificate, try the token, write it down. The daemon polls it from its next start on.")
        {
            id, file, type, hosts, authId, tokenFile, fingerprints, webUrl, noTest,
        };
        command.SetAction(async (parsed, ct) =>
        {
            string path = parsed.GetRequiredValue(file);
            RemotesEditor editor = RemotesEditor.Open(path);
            string? secretFile = parsed.GetValue(tokenFile) is { } given ? Path.GetFullPath(given) : null;
            var endpoints = new List<RemoteEndpoint>();
            foreach (string host in parsed.GetRequiredValue(hosts))
            {
                RemoteEndpoint endpoint = RemoteCertificateCommand.Parse(host, parsed.GetValue(type));
                endpoints.Add(await RemoteCertificateCommand.PinAsync(terminal, endpoint, parsed.GetValue(fingerprints) ?? [], ct));
            }

            var remote = new RemoteDefinition
            {
                Id = parsed.GetRequiredValue(id),
                Type = parsed.GetValue(type),
                Endpoints = endpoints,
                AuthId = parsed.GetRequiredValue(authId),
                Token = await TokenAsync(terminal, secretFile, ct),
                WebUrl = parsed.GetValue(webUrl),
            };
            editor.Add(remote, secretFile);
            bool isGood = parsed.GetValue(noTest) || await RemoteTestCommand.TestAsync(terminal.Error, remote, ct);
            if (!isGood)
                throw new UsageException("Not added. Mend what is said above, or add it as it is by --no-test.");
            PrivateFile.Replace(path, editor.ToBytes());
            terminal.Out.WriteLine($"'{remote.Id}' is added to {path}.");
            return ExitCode.Good;
        });
        return command;
    }

    /// <summary>Never from an argument: those are shown to everybody on the machine.</summary>
    private static async Task<ApiToken> TokenAsync(Terminal terminal, string? file, CancellationToken ct)
    {
        try
        {
            return file is not null ? ApiToken.Load(file)
                : new ApiToken(terminal.AskSecret is { } ask ? ask("Secret of the token (not shown):").Trim() : await ReadAsync(terminal.OpenIn(), ct));
        }
        catch (ArgumentException error)
        {
            throw new UsageException($"{UsageErrors.Explain(error)} Give it by --token-file, on standard input, or when asked.");
        }
    }

    private static async Task<string> ReadAsync(Stream source, CancellationToken ct)
    {
        await using (source)
        {
            byte[] bytes = new byte[SecretBytesMax];
            int count = await source.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            return Encoding.UTF8.GetString(bytes, 0, count).Trim();
        }
    }
}
