using System.Text;
using RemoteTasks.Cli.Commands;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Tests;

/// <summary>Users and tokens by the command line. Invariants checked: what is refused changes nothing; no password and no token is in a file or shown twice.</summary>
public sealed class AccessCommandTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_user_is_added_listed_changed_and_removed()
    {
        Assert.Contains("'anna' may sign in, with the role operate.", (await RunAsync(Password + "\n", "user", "add", "anna", "--role", "operate")).Out, StringComparison.Ordinal);
        Assert.Contains("with the role read.", (await RunAsync(Password, "user", "add", "ben@corp")).Out, StringComparison.Ordinal);
        Assert.Equal("USER      ROLE\nanna      operate\nben@corp  read\n", (await RunAsync("", "user", "list")).Out);
        User before = Users()[0];
        Assert.Equal(0, (await RunAsync("", "user", "role", "anna", "--role", "admin")).ExitCode);
        Assert.Equal(before with { Role = Role.Admin }, Users()[0]);
        Assert.Equal(0, (await RunAsync("another long password\r\n", "user", "password", "anna")).ExitCode);
        Assert.NotEqual(before.Password, Users()[0].Password);
        string text = await File.ReadAllTextAsync(_directory.PathOf("users.json"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("password\"", text.Replace("\"password\": {", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", text, StringComparison.Ordinal);
        Assert.Contains("'anna' may sign in no more.", (await RunAsync("", "user", "remove", "anna")).Out, StringComparison.Ordinal);
        Assert.Equal(["ben@corp"], Users().Select(user => user.Name));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.PathOf("users.json")));
    }

    [Theory]
    [InlineData("eleven char", "A password has from 12 to 256 characters. Nothing was changed.", "user", "add", "carl")]
    [InlineData("", "A password has from 12 to 256 characters. Nothing was changed.", "user", "password", "anna")]
    [InlineData(Password, "There is a 'anna' already.", "user", "add", "anna")]
    [InlineData(Password, "'a b' is not a valid name.", "user", "add", "a b")]
    [InlineData(Password, "'../x' is not a valid name.", "user", "add", "../x")]
    [InlineData(Password, "There is no 'ben'. There are: anna.", "user", "password", "ben")]
    [InlineData("", "There is no 'ben'. There are: anna.", "user", "role", "ben", "--role", "read")]
    [InlineData("", "There is no 'ben'. There are: anna.", "user", "remove", "ben")]
    [InlineData(Password, "'root'", "user", "add", "carl", "--role", "root")]
    [InlineData("", "'--role' is required", "token", "add", "carl")]
    [InlineData("", "--expires: 'soon' is no time to come.", "token", "add", "carl", "--role", "read", "--expires", "soon")]
    [InlineData("", "--expires: '0d' is no time to come.", "token", "add", "carl", "--role", "read", "--expires", "0d")]
    [InlineData("", "--expires: 2020-01-01 is over already.", "token", "add", "carl", "--role", "read", "--expires", "2020-01-01")]
    [InlineData("", "There is no 'carl'. There are none yet.", "token", "remove", "carl")]
    public async Task What_makes_no_sense_is_told_and_changes_nothing(string input, string problem, params string[] args)
    {
        Assert.Equal(0, (await RunAsync(Password, "user", "add", "anna")).ExitCode);
        string before = await File.ReadAllTextAsync(_directory.PathOf("users.json"), TestContext.Current.CancellationToken);
        CommandResult refused = await RunAsync(input, args);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_directory.PathOf("users.json"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(_directory.PathOf("tokens.json")));
    }

    [Fact]
    public async Task A_token_is_shown_once_and_alone_on_its_stream()
    {
        CommandResult added = await RunAsync("", "token", "add", "grafana", "--role", "read", "--expires", "90d");
        string token = added.Out.Trim();
        Assert.Matches("^rt_[0-9a-f]{12}_[0-9a-f]{64}$", token);
        Assert.Contains("'grafana' has the role read, until ", added.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("", "token", "add", "ever", "--role", "admin")).ExitCode);
        string list = (await RunAsync("", "token", "list")).Out;
        Assert.Matches("grafana +rt_[0-9a-f]{12} +read +until ", list);
        Assert.Matches("ever +rt_[0-9a-f]{12} +admin +for ever", list);
        Assert.DoesNotContain(token, list, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Split('_')[2], await File.ReadAllTextAsync(_directory.PathOf("tokens.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("", "token", "remove", "grafana")).ExitCode);
        Assert.Equal(["ever"], AccessFiles.Tokens(_directory.Path).Load().Select(kept => kept.Name));
    }

    [Fact]
    public void A_day_counts_to_its_end_and_a_span_from_now()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_795_478_400);
        Assert.Equal(now.AddDays(90), TokenCommand.ParseExpiry("90d", now));
        Assert.Equal(now.AddHours(12), TokenCommand.ParseExpiry("12h", now));
        Assert.Equal(now.AddDays(14), TokenCommand.ParseExpiry("2w", now));
        Assert.Equal(new DateTimeOffset(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), TokenCommand.ParseExpiry("2027-06-30", now));
    }

    [Fact]
    public async Task A_person_types_a_password_twice()
    {
        var questions = new List<string>();
        Assert.Equal(2, await AskAsync(questions, Password, Password + "x"));
        Assert.Empty(AccessFiles.Users(_directory.Path).Load());
        Assert.Equal(0, await AskAsync(questions, Password, Password));
        Assert.Equal("anna", Assert.Single(AccessFiles.Users(_directory.Path).Load()).Name);
        Assert.Equal(["Password, at least 12 characters (not shown):", "The same again:"], questions.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_no_daemon_has_made_is_not_made_either()
    {
        CommandResult refused = await CommandResult.RunAsync(["user", "add", "anna", "--data", _directory.PathOf("missing")], Encoding.ASCII.GetBytes(Password));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("it is made when the daemon is started for the first time", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory.PathOf("missing")));
    }

    [Fact]
    public async Task All_that_are_added_at_once_are_there()
    {
        string[] names = [.. Enumerable.Range(0, 8).Select(i => $"token-{i}")];
        await Task.WhenAll(names.Select(name => Task.Run(() => RunAsync("", "token", "add", name, "--role", "read"), TestContext.Current.CancellationToken)));
        Assert.Equal(names, AccessFiles.Tokens(_directory.Path).Load().Select(token => token.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--public-url: 'tasks.example' is not the URL of a page", "--public-url", "tasks.example")]
    [InlineData("--public-url: 'ftp://tasks.example' is not the URL of a page", "--public-url", "ftp://tasks.example")]
    [InlineData("--public-url: 'https://tasks.example/a//b' is not the URL of a page", "--public-url", "https://tasks.example/a//b")]
    [InlineData("--public-url: 'https://user@tasks.example/' is not the URL of a page", "--public-url", "https://user@tasks.example/")]
    [InlineData("--allow-host: '*' is not a name", "--allow-host", "*")]
    [InlineData("--allow-host: 'tasks.example:80' is not a name", "--allow-host", "tasks.example:80")]
    [InlineData("--proxy: 'proxy.example' is not an address or a network", "--proxy", "proxy.example")]
    [InlineData("--proxy: '10.0.0.0/99' is not an address or a network", "--proxy", "10.0.0.0/99")]
    public async Task How_browsers_reach_it_is_checked_before_it_starts(string problem, params string[] args)
    {
        string remotes = _directory.PathOf("remotes.json");
        await File.WriteAllTextAsync(remotes, "{\"remotes\":[]}", TestContext.Current.CancellationToken);
        CommandResult refused = await RunAsync("", ["serve", "--remotes", remotes, .. args]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
    }

    private IReadOnlyList<User> Users() => AccessFiles.Users(_directory.Path).Load();

    private Task<CommandResult> RunAsync(string input, params string[] args) => CommandResult.RunAsync([.. args, "--data", _directory.Path], Encoding.ASCII.GetBytes(input));

    private async Task<int> AskAsync(List<string> questions, params string[] answers)
    {
        var left = new Queue<string>(answers);
        await using var output = new StringWriter();
        var terminal = new Terminal(() => Stream.Null, Stream.Null, output, output)
        {
            AskSecret = (question, _) =>
            {
                questions.Add(question);
                return Task.FromResult(left.Dequeue());
            },
        };
        return await CommandLine.RunAsync(["user", "add", "anna", "--data", _directory.Path], terminal);
    }
}
