using System.Text;

namespace RemoteTasks.Proxmox.Tests;

public sealed class RemotesFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Good = """
        "id":"cluster-a","type":"pve","authid":"mon@pve!tasks","nodes":[{"hostname":"10.0.0.1"}]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("remotes").FullName;

    private string RemotesPath => Path.Combine(_folder, "remotes.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_whole_file_is_read()
    {
        string pin = string.Join(':', Enumerable.Repeat("ab", 32));
        Write("pbs.token", $"  {Given.Secret}\n", Private);
        IReadOnlyList<RemoteDefinition> remotes = Load($$"""
            {
              // two sites
              "remotes": [
                {"id":"cluster-a","type":"pve","authid":"mon@pve!tasks","token":"inline-secret","web-url":"https://pve.example.com:8006/",
                 "nodes":[{"hostname":"10.0.0.1:8443","fingerprint":"{{pin}}"},{"hostname":"[2001:db8::1]","fingerprint":null}]},
                {"id":"backup","type":"pbs","authid":"mon@pbs!t","token-file":"pbs.token","nodes":[{"hostname":"pbs.example.com"}]},
              ]
            }
            """);
        Assert.Equal(["cluster-a", "backup"], remotes.Select(remote => remote.Id));
        Assert.Equal([new("10.0.0.1", 8443, pin), new RemoteEndpoint("2001:db8::1", 8006, null)], remotes[0].Endpoints);
        Assert.Equal((RemoteType.Pve, "mon@pve!tasks", "inline-secret", "https://pve.example.com:8006/"),
            (remotes[0].Type, remotes[0].AuthId, remotes[0].Token.Reveal(), remotes[0].WebUrl));
        Assert.Equal((RemoteType.Pbs, Given.Secret, "pbs.example.com:8007", null),
            (remotes[1].Type, remotes[1].Token.Reveal(), remotes[1].Endpoints[0].ToString(), remotes[1].WebUrl));
    }

    [Fact]
    public void A_file_may_name_no_remote_and_begin_with_a_byte_order_mark() => Assert.Empty(Load("\uFEFF{\"remotes\":[]}"));

    [Theory]
    [InlineData("{", "not valid JSON in line 1")]
    [InlineData("""{"remotes":[],"remotes":[]}""", "has a member twice")]
    [InlineData("""{"remote":[]}""", "no list \"remotes\"")]
    [InlineData("""[]""", "no list \"remotes\"")]
    [InlineData("""{"remotes":{}}""", "no list \"remotes\"")]
    [InlineData("""{"remotes":[7]}""", "remote number 1: it is no object")]
    public void A_file_of_another_form_is_refused(string json, string problem)
    {
        RemotesFileException e = Refused(json);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{RemotesPath}: ", e.Message, StringComparison.Ordinal);
        Assert.Equal(RemotesPath, e.File);
    }

    [Theory]
    [InlineData("\"type\":\"pve\"", "remote number 1, 'id'", "it is missing")]
    [InlineData("\"id\":\"a\"", "remote number 1, 'id'", "not a valid id")]
    [InlineData("\"id\":\"a/b\"", "remote number 1, 'id'", "not a valid id")]
    [InlineData("\"id\":7", "remote number 1, 'id'", "no text")]
    [InlineData("\"id\":\"ab\",\"type\":\"esx\"", "remote 'ab' (number 1), 'type'", "neither")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"root@pam\"", "remote 'ab' (number 1), 'authid'", "API token")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\"", "'nodes'", "missing")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[]", "'nodes'", "empty")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[{}]", "'nodes[0].hostname'", "it is missing")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[\"x\"]", "'nodes[0]'", "no object")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[{\"hostname\":\"https://x\"}]", "'nodes[0].hostname'", "without 'https://'")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[{\"hostname\":\"x\",\"fingerprint\":\"AA\"}]", "'nodes[0].fingerprint'", "64 hexadecimal")]
    [InlineData("\"id\":\"ab\",\"type\":\"pve\",\"authid\":\"a@b!c\",\"nodes\":[{\"hostname\":\"x\",\"fingerprnt\":\"AA\"}]", "'nodes[0]'", "unknown member 'fingerprnt'")]
    [InlineData("\"id\":\"ab\",\"password\":\"x\"", "remote number 1", "unknown member 'password'")]
    [InlineData(Good, "'token'", "no token")]
    [InlineData(Good + ",\"token\":\"a\",\"token-file\":\"b\"", "'token'", "both")]
    [InlineData(Good + ",\"token\":\"\"", "'token'", "empty")]
    [InlineData(Good + ",\"token-file\":\"missing.token\"", "'token-file'", "cannot be read")]
    [InlineData(Good + ",\"token\":\"a\",\"web-url\":\"javascript:alert(1)\"", "'web-url'", "not a web address")]
    public void What_is_wrong_with_a_remote_is_said_with_its_place_and_a_remedy(string members, string where, string problem)
    {
        RemotesFileException e = Refused($$"""{"remotes":[{{{members}}}]}""");
        Assert.Contains(where, e.Where, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.EndsWith(e.Remedy, e.Message, StringComparison.Ordinal);
        Assert.True(e.Remedy.Length > 10);
    }

    [Fact]
    public void Two_remotes_of_one_id_are_refused_naming_the_second()
    {
        RemotesFileException e = Refused($$"""{"remotes":[{{{Good}},"token":"a"},{{{Good}},"token":"b"}]}""");
        Assert.Equal("remote 'cluster-a' (number 2), 'id'", e.Where);
    }

    [Theory]
    [InlineData("\"token\":\"hush hush\"")]
    [InlineData("\"token\":\"hush\" hush")]
    [InlineData("\"token\":hush")]
    [InlineData("\"token\":\"hush\",\"token-file\":\"x\"")]
    [InlineData("\"token\":\"hush\",\"web-url\":\"https://u:hush@x\"")]
    [InlineData("\"token\":\"hush\",\"authid\":\"hush\"")]
    public void A_secret_is_never_in_the_error(string members) => Assert.DoesNotContain(
        "hush", Refused($$"""{"remotes":[{{{Good.Replace("\"authid\":\"mon@pve!tasks\",", members.Contains("authid", StringComparison.Ordinal) ? "" : "\"authid\":\"mon@pve!tasks\",", StringComparison.Ordinal)}},{{members}}}]}""").ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_missing_too_large_or_no_utf8_is_refused()
    {
        Assert.Contains("cannot be read", Assert.Throws<RemotesFileException>(() => RemotesFile.Load(RemotesPath)).Message, StringComparison.Ordinal);
        Assert.Contains("larger than", Refused(new string(' ', 5_000_000)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(RemotesPath, [0x7B, 0xFF, 0x7D]);
        Assert.Contains("not UTF-8", Assert.Throws<RemotesFileException>(() => RemotesFile.Load(RemotesPath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_with_tokens_that_others_can_open_is_refused_with_the_command_that_closes_it(UnixFileMode extra)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are of Unix");
        RemotesFileException e = Refused($$"""{"remotes":[{{{Good}},"token":"a"}]}""", Private | extra);
        Assert.EndsWith($"Run: chmod 600 {RemotesPath}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_file_that_others_can_open_is_refused_even_behind_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are of Unix");
        Write("open.token", "a", Private | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.token"), Path.Combine(_folder, "open.token"));
        RemotesFileException e = Refused($$"""{"remotes":[{{{Good}},"token-file":"link.token"}]}""");
        Assert.EndsWith($"Run: chmod 600 {Path.Combine(_folder, "link.token")}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_secrets_may_be_open_and_a_link_to_a_closed_token_is_followed()
    {
        Write("closed.token", "a", Private);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.token"), Path.Combine(_folder, "closed.token"));
        RemoteDefinition remote = Assert.Single(Load($$"""{"remotes":[{{{Good}},"token-file":"link.token"}]}""", Private | UnixFileMode.OtherRead));
        Assert.Equal("a", remote.Token.Reveal());
    }

    private IReadOnlyList<RemoteDefinition> Load(string json, UnixFileMode mode = Private)
    {
        Write("remotes.json", json, mode);
        return RemotesFile.Load(RemotesPath);
    }

    private RemotesFileException Refused(string json, UnixFileMode mode = Private) => Assert.Throws<RemotesFileException>(() => Load(json, mode));

    private void Write(string name, string text, UnixFileMode mode)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
