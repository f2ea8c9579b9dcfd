using System.Net;
using System.Net.Http.Headers;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Security;

/// <summary>Invariants checked: the files that say who gets in are their owner's alone, and a daemon lets nobody in by one that is not as it should be.</summary>
public sealed class AccessFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-access-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_and_holds_neither_password_nor_token()
    {
        People.AddUsers(_directory);
        string token = People.AddToken(_directory, "grafana", Role.Read, DateTimeOffset.FromUnixTimeSeconds(2_000_000_000));
        AccessFile<User> users = AccessFiles.Users(_directory);
        AccessFile<AccessToken> tokens = AccessFiles.Tokens(_directory);
        Assert.Equal(["reader", "operator", "administrator"], users.Load().Select(user => user.Name));
        Assert.All(users.Load(), user => Assert.Equal(People.Hash, user.Password));
        Assert.Equal((Role.Read, DateTimeOffset.FromUnixTimeSeconds(2_000_000_000)), (tokens.Load()[0].Role, tokens.Load()[0].Expires));
        foreach (string path in (string[])[users.Path, tokens.Path])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            string text = File.ReadAllText(path);
            Assert.DoesNotContain(People.Password, text, StringComparison.Ordinal);
            Assert.DoesNotContain(token.Split('_')[2], text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_password_is_hashed_with_a_salt_of_its_own_and_600_000_rounds()
    {
        PasswordHash other = PasswordHash.Of(People.Password);
        Assert.NotEqual(People.Hash.Salt, other.Salt);
        Assert.NotEqual(People.Hash.Hash, other.Hash);
        Assert.Equal(("pbkdf2-sha256", 600_000), (other.Kind, other.Iterations));
        Assert.True(other.Is(People.Password));
        Assert.False(other.Is(People.Password + " "));
        Assert.False(other.Is(""));
        Assert.Throws<ArgumentException>(() => PasswordHash.Of("eleven char"));
        Assert.Throws<ArgumentException>(() => PasswordHash.Of(new string('a', 257)));
    }

    [Theory]
    [InlineData("{", "is not as remote-tasks writes it")]
    [InlineData("[]", "is not as remote-tasks writes it")]
    [InlineData("null", "is not as remote-tasks writes it")]
    [InlineData("{}", "has to have the list \"users\"")]
    [InlineData("""{"users":null}""", "has to have the list \"users\"")]
    [InlineData("""{"users":[null]}""", "there is nothing where one of the list should be")]
    [InlineData("""{"tokens":[]}""", "has to have the list \"users\"")]
    [InlineData("""{"users":[],"users":[]}""", "is not as remote-tasks writes it")]
    [InlineData("""{"users":[{"name":"a","role":"read"}]}""", "is not as remote-tasks writes it")]
    [InlineData("""{"users":[{"name":"a","role":2,"password":PASSWORD}]}""", "is not as remote-tasks writes it")]
    [InlineData("""{"users":[{"name":"a","role":"root","password":PASSWORD}]}""", "is not as remote-tasks writes it")]
    [InlineData("""{"users":[{"name":"a","role":"read","password":PASSWORD,"more":1}]}""", "is not as remote-tasks writes it")]
    [InlineData("""{"users":[{"name":"a b","role":"read","password":PASSWORD}]}""", "a name in it is not valid")]
    [InlineData("""{"users":[{"name":"a","role":"read","password":PASSWORD},{"name":"a","role":"read","password":PASSWORD}]}""", "has 'a' twice")]
    [InlineData("""{"users":[{"name":"a","role":"read","password":{"kind":"pbkdf2-sha256","iterations":1000,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}]}""", "cut or too weak")]
    [InlineData("""{"users":[{"name":"a","role":"read","password":{"kind":"md5","iterations":600000,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}]}""", "cut or too weak")]
    [InlineData("""{"users":[{"name":"a","role":"read","password":{"kind":"pbkdf2-sha256","iterations":600000,"salt":"no base64","hash":"AA=="}}]}""", "cut or too weak")]
    public async Task A_file_that_is_not_as_it_should_be_is_refused_with_the_reason(string content, string reason)
    {
        AccessFile<User> file = AccessFiles.Users(_directory);
        string password = $$"""{"kind":"{{People.Hash.Kind}}","iterations":{{People.Hash.Iterations}},"salt":"{{People.Hash.Salt}}","hash":"{{People.Hash.Hash}}"}""";
        await Write(file.Path, content.Replace("PASSWORD", password, StringComparison.Ordinal));
        IOException error = Assert.Throws<IOException>(() => file.Load());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{file.Path}'", error.Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => file.Change(all => all));
    }

    [Theory]
    [InlineData("users.json", UnixFileMode.GroupRead)]
    [InlineData("users.json", UnixFileMode.OtherWrite)]
    [InlineData("tokens.json", UnixFileMode.OtherRead)]
    public async Task A_daemon_does_not_start_on_a_file_that_others_can_read_or_change(string name, UnixFileMode more)
    {
        IOException error = await Assert.ThrowsAsync<IOException>(() => EmptyDaemon.StartAsync(prepare: directory =>
        {
            People.AddUsers(directory);
            People.AddToken(directory, "a", Role.Read);
            File.SetUnixFileMode(Path.Combine(directory, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        }));
        Assert.Contains("can be read by others. Run: chmod 600 '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_opens_what_its_role_opens_until_it_expires_or_is_removed()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        string good = People.AddToken(daemon.DataDirectory, "good", Role.Read, TimeProvider.System.GetUtcNow().AddHours(1));
        string old = People.AddToken(daemon.DataDirectory, "old", Role.Admin, TimeProvider.System.GetUtcNow().AddSeconds(-1));
        await UntilAsync(daemon, good, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(daemon, old));
        string[] parts = good.Split('_');
        foreach (string wrong in (string[])[$"{parts[0]}_{parts[1]}_{new string('0', 64)}", $"{parts[0]}_{parts[2]}", $"{parts[0]}_{parts[1]}_", parts[1], $"rt__{parts[2]}", good + "_x"])
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(daemon, wrong));

        AccessFiles.Tokens(daemon.DataDirectory).Change(all => all.Where(token => token.Name != "good"));
        await UntilAsync(daemon, good, HttpStatusCode.Unauthorized);

        // However many are wrong, as many are said as there may be tries to sign in, which are still left to people.
        for (int i = 0; i < 25; i++)
            await StatusAsync(daemon, "wrong");
        Assert.Equal(5, daemon.Failures.Count(line => line.StartsWith("Warning Sign-in refused: a token from 127.0.0.1", StringComparison.Ordinal)));
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = await browser.SignInAsync("", ("token", daemon.Token));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    [Fact]
    public async Task A_running_daemon_lets_nobody_in_by_a_file_that_broke_until_it_is_mended()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        string token = People.AddToken(daemon.DataDirectory, "good", Role.Read);
        await UntilAsync(daemon, token, HttpStatusCode.OK);
        string path = AccessFiles.Tokens(daemon.DataDirectory).Path;
        string text = await File.ReadAllTextAsync(path);
        await Write(path, text[..^10]);
        await UntilAsync(daemon, token, HttpStatusCode.Unauthorized);
        Assert.Single(daemon.Failures, line => line.StartsWith("Error Nobody in this file gets in until it is mended", StringComparison.Ordinal));
        await Write(path, text);
        await UntilAsync(daemon, token, HttpStatusCode.OK);
    }

    private static async Task UntilAsync(EmptyDaemon daemon, string token, HttpStatusCode status)
    {
        for (int i = 0; i < 50 && await StatusAsync(daemon, token) != status; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        Assert.Equal(status, await StatusAsync(daemon, token));
    }

    private static async Task<HttpStatusCode> StatusAsync(EmptyDaemon daemon, string token)
    {
        using var http = new HttpClient { BaseAddress = daemon.Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/api2/json/session", UriKind.Relative));
        return answer.StatusCode;
    }

    private static async Task Write(string path, string content)
    {
        await File.WriteAllTextAsync(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
