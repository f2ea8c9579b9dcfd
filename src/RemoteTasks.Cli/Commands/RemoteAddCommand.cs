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
        var fingerprints = new Option<string[]>("--fingerprint") { Description = "SHA-256 of the certificate to accept, when this system does not trust it by itself; may be given for each host. Without it you are asked. What is of no host that answers is taken for those that do not, in their order.", HelpName = "AA:BB:.." };
        var webUrl = new Option<string?>("--web-url") { Description = "Where a browser finds the remote's own page.", HelpName = "URL" };
        var noTest = new Option<bool>("--no-test") { Description = "Add it even when it does not answer as it should; a host that shows no certificate is pinned to what was given, or to nothing." };
        var command = new Command("add", "Add a cluster or a Backup Server: look at its certificate, try the token, write it down. The daemon polls it from its next start on.")
        {
            id, file, type, hosts, authId, tokenFile, fingerprints, webUrl, noTest,
        };
        command.SetAction(async (parsed, ct) =>
        {
            string path = parsed.GetRequiredValue(file);

            // What is asked for below takes a person's time, in which others may change the file: this is to tell early, and it is read again then.
            RemotesEditor early = RemotesEditor.Open(path);
            PrivateFile.EnsureReplaceable(path);
            string? secretFile = parsed.GetValue(tokenFile) is { } given ? Path.GetFullPath(given) : null;
            bool isTested = !parsed.GetValue(noTest);
            RemoteEndpoint[] endpoints = [
                .. parsed.GetRequiredValue(hosts).Select(host => RemoteCertificateCommand.Parse(host, parsed.GetValue(type))),
            ];
            var remote = new RemoteDefinition
            {
                Id = parsed.GetRequiredValue(id),
                Type = parsed.GetValue(type),
                Endpoints = await new RemotePins(terminal, parsed.GetValue(fingerprints) ?? [], isTested).PinAsync(endpoints, ct),
                AuthId = parsed.GetRequiredValue(authId),
                Token = await TokenAsync(terminal, secretFile, ct),
                WebUrl = parsed.GetValue(webUrl),
            };
            early.Add(remote, secretFile);
            _ = early.ToBytes();
            if (isTested && !await RemoteTestCommand.TestAsync(terminal.Error, remote, mayBeOffline: true, ct))
                throw new UsageException("Not added. Mend what is said above, or add it as it is by --no-test.");
            using (PrivateFile.Lock(path))
            {
                RemotesEditor editor = RemotesEditor.Open(path);
                editor.Add(remote, secretFile);
                PrivateFile.Replace(path, editor.ToBytes());
            }

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
            if (file is not null)
                return ApiToken.Load(file);
            return new ApiToken(terminal.AskSecret is { } ask
                ? (await ask("Secret of the token (not shown):", ct)).Trim()
                : await ReadAsync(terminal.OpenIn(), ct));
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
