using System.CommandLine;
using System.Net;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Commands;

/// <summary>How browsers reach the daemon, as options.</summary>
internal sealed class WebServeOptions
{
    private readonly Option<string?> _publicUrl = new("--public-url")
    {
        Description = "What people type when a proxy is in front, such as https://example.com/tasks.", HelpName = "URL",
    };

    private readonly Option<string[]> _hosts = new("--allow-host")
    {
        Description = "Another name to answer to; others than this machine's own are turned away. May be given several times.", HelpName = "NAME",
    };

    private readonly Option<string[]> _proxies = new("--proxy")
    {
        Description = "A proxy that is believed when it says where a request came from, as an address or network. May be given several times.", HelpName = "IP[/BITS]",
    };

    internal void AddTo(Command command)
    {
        command.Options.Add(_publicUrl);
        command.Options.Add(_hosts);
        command.Options.Add(_proxies);
    }

    internal WebOptions Options(ParseResult parsed) => new()
    {
        PublicUrl = parsed.GetValue(_publicUrl) is { } url ? ParseUrl(url) : null,
        Hosts = [.. (parsed.GetValue(_hosts) ?? []).Select(ParseHost)],
        Proxies = [.. (parsed.GetValue(_proxies) ?? []).Select(ParseProxy)],
    };

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
        && !url.AbsolutePath.Contains("//", StringComparison.Ordinal) && !url.AbsolutePath.Contains('%', StringComparison.Ordinal)
            ? url
            : throw new UsageException($"--public-url: '{text}' is not the URL of a page, as in https://tasks.example.com or https://example.com/tasks.");

    private static string ParseHost(string text) => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4
        ? text
        : throw new UsageException($"--allow-host: '{text}' is not a name, as in tasks.example.com. Leave the port out.");

    private static IPNetwork ParseProxy(string text)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return IPNetwork.TryParse(text, out IPNetwork network)
            ? network
            : throw new UsageException($"--proxy: '{text}' is not an address or a network, as in 10.0.0.5 or 10.0.0.0/24.");
    }
}
