using System.Net;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Security;

/// <summary>Invariants checked: a session has an id of its own that nobody else chose, and what ends it ends it on the server, whoever keeps its cookie.</summary>
public sealed class SessionTests
{
    private const string Session = "/api2/json/session";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    [Fact]
    public async Task Signing_out_ends_it_for_everybody_who_has_its_cookie()
    {
        await using var daemon = await StartAsync();
        using Browser browser = await SignedInAsync(daemon);
        using var thief = new Browser(daemon.Server.Url);
        thief.Cookies[browser.Session.Key] = browser.Session.Value;
        Assert.Equal(HttpStatusCode.OK, await thief.StatusAsync(Session));
        using HttpResponseMessage answer = await browser.SignOutAsync();
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/sign-in", answer.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(Session));
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.StatusAsync(Session));

        // Pressed once more on a page that is still open somewhere.
        using HttpResponseMessage again = await thief.PostAsync("/sign-out", ("__RequestVerificationToken", "old"));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Equal("/sign-in", again.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_id_that_was_there_before_signing_in_is_worth_nothing_afterwards()
    {
        await using var daemon = await StartAsync();
        using Browser attacker = await SignedInAsync(daemon);
        using var victim = new Browser(daemon.Server.Url);

        // One that the daemon never gave out, and one that is an attacker's own session.
        foreach (string planted in (string[])[new string('a', 64), attacker.Session.Value])
        {
            victim.Cookies.Clear();
            victim.Cookies[attacker.Session.Key] = planted;
            using HttpResponseMessage page = await victim.GetAsync("/sign-in");
            using HttpResponseMessage link = await victim.GetAsync(daemon.Server.SignInUrl().AbsolutePath);
            Assert.NotEqual(planted, victim.Session.Value);
            Assert.Equal(HttpStatusCode.OK, await victim.StatusAsync(Session));
            using var replay = new Browser(daemon.Server.Url);
            replay.Cookies[attacker.Session.Key] = planted;
            Assert.Equal(HttpStatusCode.Unauthorized, await replay.StatusAsync(Session));
        }
    }

    [Fact]
    public async Task It_ends_when_nothing_is_done_in_it_and_at_last_in_any_case()
    {
        await using var daemon = await StartAsync();
        using Browser busy = await SignedInAsync(daemon);
        using Browser idle = await SignedInAsync(daemon);
        for (int i = 0; i < 11; i++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.OK, await busy.StatusAsync(Session));
            if (i == 2)
                Assert.Equal(HttpStatusCode.Unauthorized, await idle.StatusAsync(Session));
        }

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await busy.StatusAsync(Session));
    }

    [Fact]
    public async Task A_link_that_was_not_used_in_time_signs_nobody_in()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        string early = daemon.Server.SignInUrl().AbsolutePath;
        _clock.Advance(TimeSpan.FromMinutes(5));
        string late = daemon.Server.SignInUrl().AbsolutePath;
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(early));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(late));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("role")]
    [InlineData("removed")]
    [InlineData("exposed")]
    public async Task It_ends_with_what_it_came_from_and_others_do_not(string change)
    {
        await using var daemon = await StartAsync();
        using Browser reader = await SignedInAsync(daemon, "reader");
        using Browser admin = await SignedInAsync(daemon);
        AccessFile<User> file = AccessFiles.Users(daemon.DataDirectory);
        if (change == "exposed")
            File.SetUnixFileMode(file.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        else
            file.Change(all => change == "removed" ? all.Where(user => user.Name != "reader") : all.Select(user => user.Name == "reader" ? Changed(user, change) : user));
        for (int i = 0; i < 100 && await reader.StatusAsync(Session) == HttpStatusCode.OK; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        Assert.Equal(HttpStatusCode.Unauthorized, await reader.StatusAsync(Session));
        Assert.Equal(HttpStatusCode.OK, await admin.StatusAsync(Session));
    }

    [Fact]
    public async Task It_ends_with_the_daemon()
    {
        KeyValuePair<string, string> cookie;
        await using (var daemon = await StartAsync())
        {
            using Browser browser = await SignedInAsync(daemon);
            cookie = browser.Session;
        }

        await using var next = await StartAsync();
        using var again = new Browser(next.Server.Url);
        again.Cookies[cookie.Key] = cookie.Value;
        Assert.Equal(HttpStatusCode.Unauthorized, await again.StatusAsync(Session));
    }

    private static User Changed(User user, string change) =>
        change == "role" ? user with { Role = Role.Operate } : user with { Password = PasswordHash.Of("another long password") };

    private Task<EmptyDaemon> StartAsync() => EmptyDaemon.StartAsync(prepare: People.AddUsers, adjust: options => options with { Clock = _clock });

    private static async Task<Browser> SignedInAsync(EmptyDaemon daemon, string? user = null)
    {
        var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = user is null ? await browser.SignInAsync("", ("token", daemon.Token)) : await browser.SignInAsync(user, People.Password);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return browser;
    }
}
