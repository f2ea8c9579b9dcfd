using System.Net;
using RemoteTasks.Proxmox.Http;

namespace RemoteTasks.Proxmox.Tests;

public sealed class DefinitionTests
{
    [Fact]
    public void A_token_never_shows_its_secret()
    {
        RemoteDefinition remote = Given.Remote(RemoteType.Pve, new RemoteEndpoint("h", 1, null));
        Assert.Equal("***", remote.Token.ToString());
        Assert.DoesNotContain(Given.Secret, remote.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Given.Secret, System.Text.Json.JsonSerializer.Serialize(remote), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3cret value")]
    [InlineData("s3cret\r\nX: y")]
    [InlineData("s3cret-ü")]
    public void A_secret_that_could_not_stand_in_a_header_is_refused_without_repeating_it(string secret)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new ApiToken(secret));
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pve.example.com", "pve.example.com", 8006)]
    [InlineData("pve.example.com:443", "pve.example.com", 443)]
    [InlineData("10.0.0.1", "10.0.0.1", 8006)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 8006)]
    [InlineData("[2001:db8::1]:8443", "2001:db8::1", 8443)]
    public void An_address_is_read_with_and_without_port(string text, string host, int port)
    {
        var endpoint = RemoteEndpoint.Parse(text, RemoteType.Pve);
        Assert.Equal((host, port), (endpoint.Host, endpoint.Port));
        Assert.Equal(endpoint, RemoteEndpoint.Parse(endpoint.ToString(), RemoteType.Pbs));
    }

    [Fact]
    public void The_port_of_pbs_is_8007() => Assert.Equal("h:8007", RemoteEndpoint.Parse("h", RemoteType.Pbs).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(":8006")]
    [InlineData("https://pve:8006")]
    [InlineData("pve:8006/api2")]
    [InlineData("pve:0")]
    [InlineData("pve:65536")]
    [InlineData("pve:x")]
    [InlineData("2001:db8::1")]
    [InlineData("[2001:db8::1")]
    [InlineData("[pve]:8006")]
    [InlineData("user@pve")]
    [InlineData("pve?x")]
    [InlineData("p ve")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<FormatException>(() => RemoteEndpoint.Parse(text, RemoteType.Pve));

    [Fact]
    public void A_fingerprint_is_kept_in_one_form_however_it_is_written()
    {
        string expected = string.Join(':', Enumerable.Repeat("AF", 32));
        string plain = string.Concat(Enumerable.Repeat("aF", 32));
        Assert.Equal(expected, new RemoteEndpoint("h", 1, plain).Fingerprint);
        Assert.Equal(expected, new RemoteEndpoint("h", 1, expected.ToLowerInvariant()).Fingerprint);
        Assert.Equal(expected, (new RemoteEndpoint("h", 1, null) with { Fingerprint = plain }).Fingerprint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AA:BB")]
    [InlineData("zz")]
    public void A_fingerprint_of_another_kind_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => new RemoteEndpoint("h", 1, text));
        Assert.Throws<FormatException>(() => new RemoteEndpoint("h", 1, new string('g', 64)));
    }

    [Fact]
    public void A_client_refuses_a_definition_that_it_could_not_use()
    {
        RemoteDefinition good = Given.Remote(RemoteType.Pve, new RemoteEndpoint("h", 1, null));
        new ProxmoxClient(good with { AuthId = "joe@example.com@ad!t.1-x" }).Dispose();
        foreach (RemoteDefinition bad in (RemoteDefinition[])
            [
                good with { Id = "x" }, good with { Id = "a/b" }, good with { Id = ".ab" }, good with { Id = "ab\n" }, good with { Id = new string('a', 33) },
                good with { AuthId = "mon@pve" }, good with { AuthId = "mon!t" }, good with { AuthId = "m n@pve!t" }, good with { AuthId = "mön@pve!t" },
                good with { AuthId = "mon@pve!t\r\nX: y" }, good with { AuthId = "a:b@pve!t" }, good with { Endpoints = [] }, good with { Type = (RemoteType)5 },
            ])
            Assert.Throws<ArgumentException>(() => new ProxmoxClient(bad));
    }

    [Fact]
    public void A_client_refuses_limits_that_cannot_work()
    {
        RemoteDefinition remote = Given.Remote(RemoteType.Pve, new RemoteEndpoint("h", 1, null));
        foreach (ProxmoxClientOptions bad in (ProxmoxClientOptions[])
            [
                new() { ConnectTimeout = TimeSpan.Zero }, new() { RequestTimeout = TimeSpan.FromSeconds(-1) }, new() { ConnectionsPerRemote = 0 },
                new() { AnswerBytesMax = 0 }, new() { AnswerBytesMax = long.MaxValue }, new() { Clock = null! },
            ])
            Assert.Throws<ArgumentException>(() => new ProxmoxClient(remote, bad));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1")]
    public void A_name_may_not_lead_to_this_machine_or_a_link_local_address(string address)
    {
        IPAddress local = IPAddress.Parse(address);
        var good = IPAddress.Parse("10.0.0.1");
        Assert.Throws<IOException>(() => GuardedConnect.Permit("pve.example.com", [local]));
        Assert.Equal([good], GuardedConnect.Permit("pve.example.com", [local, good]));
    }

    [Fact]
    public void Who_writes_localhost_means_it() =>
        Assert.Equal([IPAddress.Loopback], GuardedConnect.Permit("LocalHost", [IPAddress.Loopback]));

    [Fact]
    public async Task The_client_does_not_connect_to_this_machine_by_another_name()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":[]}""");
        // Often leads to loopback, which is refused; otherwise to an address where this test does not listen.
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, host.Pinned with { Host = Dns.GetHostName() }));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Unreachable, e.Kind);
        Assert.Empty(host.Seen);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_unreachable_with_a_remedy()
    {
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, new RemoteEndpoint("no-such-host.invalid", 8006, null)));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.True(e.Kind is ProxmoxErrorKind.Unreachable or ProxmoxErrorKind.Timeout);
        Assert.Contains("no-such-host.invalid:8006", e.Message, StringComparison.Ordinal);
    }
}
