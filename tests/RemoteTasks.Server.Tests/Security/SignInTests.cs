using System.Net;
using System.Net.Http.Headers;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Security;

public sealed class SignInTests
{
    private const string Session = "/api2/json/session";

    private static Task<EmptyDaemon> StartAsync() => EmptyDaemon.StartAsync(prepare: People.AddUsers);

    [Theory]
    [InlineData("reader", "read")]
    [InlineData("operator", "operate")]
    [InlineData("administrator", "admin")]
    public async Task A_user_signs_in_by_password_with_their_role(string user, string role)
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = await browser.SignInAsync(user, People.Password);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        using HttpResponseMessage who = await browser.GetAsync(Session);
        string body = await who.Content.ReadAsStringAsync();
        Assert.Contains($"\"name\":\"{user}\",\"role\":\"{role}\"", body, StringComparison.Ordinal);
        Assert.Empty(daemon.Failures);
    }

    [Fact]
    public async Task The_admin_token_signs_in()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage wrong = await browser.SignInAsync("", ("token", daemon.Token + "x"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("This is not the admin token.", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage right = await browser.SignInAsync("", ("token", daemon.Token));
        Assert.Equal(HttpStatusCode.SeeOther, right.StatusCode);
        using HttpResponseMessage who = await browser.GetAsync(Session);
        Assert.Contains("\"name\":\"admin token\",\"role\":\"admin\"", await who.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_is_for_this_host_alone_and_for_no_script()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage page = await browser.GetAsync("/sign-in");
        AssertStrict(Assert.Single(browser.SetCookies));
        using HttpResponseMessage answer = await browser.SignInAsync("reader", People.Password);
        AssertStrict(Assert.Single(browser.SetCookies));
        using HttpResponseMessage gone = await browser.SignOutAsync();
        AssertStrict(Assert.Single(browser.SetCookies, cookie => cookie.Contains("-session-", StringComparison.Ordinal)));

        static void AssertStrict(string cookie)
        {
            Assert.StartsWith("__Host-remote-tasks-", cookie, StringComparison.Ordinal);
            string[] attributes = [.. cookie.ToLowerInvariant().Split("; ")];
            Assert.Superset(new HashSet<string>(["path=/", "secure", "samesite=strict", "httponly"], StringComparer.Ordinal), attributes.ToHashSet(StringComparer.Ordinal));
            Assert.DoesNotContain(attributes, attribute => attribute.StartsWith("domain", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_unknown_user_and_a_wrong_password_get_the_same_answer_after_the_same_time()
    {
        await using var daemon = await StartAsync();
        var answers = new List<(HttpStatusCode Status, string Html, TimeSpan Took)>();
        foreach (string user in (string[])["reader", "nobody-by-that-name"])
        {
            using var browser = new Browser(daemon.Server.Url);
            using HttpResponseMessage first = await browser.SignInAsync(user, "not the password");
            long began = TimeProvider.System.GetTimestamp();
            using HttpResponseMessage answer = await browser.SignInAsync(user, "not the password");
            string html = await answer.Content.ReadAsStringAsync();
            Assert.Contains("aria-describedby=\"problem\"", html, StringComparison.Ordinal);
            Assert.Contains("<p id=\"problem\" class=\"problem\" role=\"alert\">User or password is wrong.</p>", html, StringComparison.Ordinal);
            answers.Add((answer.StatusCode, WithoutTokens(html).Replace(user, "", StringComparison.Ordinal), TimeProvider.System.GetElapsedTime(began)));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, answers[0].Status);
        Assert.Equal((answers[0].Status, answers[0].Html), (answers[1].Status, answers[1].Html));

        // Without the hash an answer takes a hundredth of this.
        Assert.True(answers[1].Took > answers[0].Took / 4, $"wrong password {answers[0].Took}, unknown user {answers[1].Took}");
    }

    [Fact]
    public async Task The_sixth_try_in_a_minute_has_to_wait_but_others_have_not()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage wrong = await browser.SignInAsync("reader", $"wrong password {i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        // Even the right one: who guesses must not learn that it was.
        using HttpResponseMessage late = await browser.SignInAsync("reader", People.Password);
        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
        Assert.InRange(late.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(Session)).StatusCode);
        using HttpResponseMessage other = await browser.SignInAsync("operator", People.Password);
        Assert.Equal(HttpStatusCode.SeeOther, other.StatusCode);
    }

    [Fact]
    public async Task Nor_does_it_help_to_guess_for_many_accounts()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 21; i++)
        {
            using HttpResponseMessage answer = await browser.GetAsync($"/sign-in/once/guess{i}");
            statuses.Add(answer.StatusCode);
        }

        using HttpResponseMessage last = await browser.SignInAsync("operator", People.Password);
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Unauthorized, 5), statuses.Take(5));
        Assert.All(statuses.Skip(5), status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
    }

    [Fact]
    public async Task A_form_that_is_not_ours_is_not_looked_at()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage without = await browser.PostAsync("/sign-in", ("user", "reader"), ("password", People.Password));
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Contains("This form was open for too long.", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage strange = await browser.PostAsync("/sign-in", ("__RequestVerificationToken", "x"), ("user", "reader"), ("password", People.Password));
        Assert.Equal(HttpStatusCode.BadRequest, strange.StatusCode);
        using HttpResponseMessage json = await browser.SendAsync(HttpMethod.Post, "/sign-in", new StringContent("{}", new MediaTypeHeaderValue("application/json")));
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        using HttpResponseMessage many = await browser.PostAsync("/sign-in", [.. Enumerable.Range(0, 1100).Select(i => ($"f{i}", ""))]);
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
        Assert.DoesNotContain(browser.Cookies.Keys, name => name.Contains("session", StringComparison.Ordinal));
        Assert.Empty(daemon.Failures);
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/tasks?text=a&errors=1", "/tasks?text=a&errors=1")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: x=y", "/")]
    [InlineData("/\u00e4", "/")]
    [InlineData("", "/")]
    public async Task One_comes_back_to_where_one_wanted_to_go_and_never_elsewhere(string wanted, string target)
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = await browser.SignInAsync($"?return={Uri.EscapeDataString(wanted)}", ("token", daemon.Token));
        Assert.Equal(target, answer.Headers.Location!.OriginalString);
        using HttpResponseMessage again = await browser.GetAsync($"/sign-in?return={Uri.EscapeDataString(wanted)}");
        Assert.Equal(target, again.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_link_on_another_site_leads_through_a_page_of_ours_so_that_the_cookie_is_sent()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage page = await browser.GetAsync("/nowhere?a=%22%3E&b=2", ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"0;url=/nowhere?a=%22%3E&amp;b=2\">", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage own = await browser.GetAsync("/nowhere?a=1", ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal("/sign-in?return=%2Fnowhere%3Fa%3D1", own.Headers.Location!.OriginalString);

        // Not to another host, which a path can look like.
        string evil = await daemon.SendAsync("GET //evil.example/x HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nSec-Fetch-Site: cross-site\r\nConnection: close\r\n\r\n");
        Assert.Contains("content=\"0;url=/\"", evil, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", evil, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_that_is_printed_signs_in_once_and_not_for_who_fetches_it_in_advance()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        string link = daemon.Server.SignInUrl().AbsolutePath;
        using HttpResponseMessage prefetch = await browser.GetAsync(link, ("Sec-Purpose", "prefetch"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, prefetch.StatusCode);
        using HttpResponseMessage first = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        string html = await first.Content.ReadAsStringAsync();
        Assert.Contains("<meta name=\"referrer\" content=\"no-referrer\">", html, StringComparison.Ordinal);
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"0;url=/\">", html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(Session));
        using var another = new Browser(daemon.Server.Url);
        using HttpResponseMessage second = await another.GetAsync(link);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.Empty(another.Cookies);
        Assert.Equal("Warning Sign-in refused: sign-in link from 127.0.0.1 ", Assert.Single(daemon.Failures));
    }

    [Fact]
    public async Task Who_fails_is_logged_without_what_they_typed_and_on_one_line()
    {
        await using var daemon = await StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = await browser.SignInAsync("evil\r\nInformation Signed in: administrator\u001b[2J\u202e" + new string('a', 300), "the secret that was typed");
        string line = Assert.Single(daemon.Failures);
        Assert.StartsWith("Warning Sign-in refused: evil??Information Signed in: administrator?[2J?", line, StringComparison.Ordinal);
        Assert.Contains(" from 127.0.0.1", line, StringComparison.Ordinal);
        Assert.True(line.Length < 130, line);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);

        // What was typed as a name stands in the form again, as text.
        using HttpResponseMessage script = await browser.SignInAsync("\"><script>alert(1)</script>", "x");
        Assert.DoesNotContain("<script", await script.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string WithoutTokens(string html) =>
        string.Join('\n', html.Split('\n').Where(line => !line.Contains("__RequestVerificationToken", StringComparison.Ordinal)));
}
