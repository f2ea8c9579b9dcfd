using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Security;

/// <summary>What is turned away before anything is done with it, whoever sends it.</summary>
public sealed class WebGuardTests
{
    private const string Tasks = "/api2/json/remotes/tasks";

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("127.0.0.1.evil.example:8480", 400)]
    [InlineData("localhost.evil.example", 400)]
    [InlineData("192.0.2.7", 400)]
    [InlineData("[2001:db8::1]", 400)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("localhost:1234", 200)]
    [InlineData("[::1]:8480", 200)]
    [InlineData("more.example", 200)]
    [InlineData("TASKS.example", 200)]
    public async Task Only_names_of_its_own_are_answered_to(string host, int status)
    {
        await using var daemon = await EmptyDaemon.StartAsync(adjust: options => options with
        {
            Web = new WebOptions { PublicUrl = new Uri("https://tasks.example/tasks"), Hosts = ["more.example"] },
        });
        string answer = await daemon.SendAsync($"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        string signedIn = await daemon.SendAsync($"GET {Tasks}/list HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {daemon.Token}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", signedIn, StringComparison.Ordinal);
        if (status == 400)
            Assert.Contains("start it with --public-url or --allow-host", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_listens_everywhere_answers_to_addresses_but_not_to_any_name()
    {
        await using var daemon = await EmptyDaemon.StartAsync(adjust: options => options with { Listen = new IPEndPoint(IPAddress.Any, 0) });
        Assert.StartsWith("HTTP/1.1 200 ", await daemon.SendAsync("GET /health HTTP/1.1\r\nHost: 192.0.2.7:8480\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await daemon.SendAsync("GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("localhost", daemon.Server.SignInUrl().Host);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/sign-in")]
    [InlineData("/sign-in.css")]
    [InlineData("/nowhere")]
    [InlineData(Tasks + "/list")]
    [InlineData(Tasks + "/list?limit=x")]
    public async Task Every_answer_tells_browsers_to_load_nothing_else(string path)
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        using HttpClient http = daemon.Http();
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        string csp = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        foreach (string rule in (string[])["default-src 'none'", "script-src 'self'", "style-src-elem 'self'", "connect-src 'self'", "font-src 'self'", "frame-ancestors 'none'", "base-uri 'self'", "form-action 'self'"])
            Assert.Contains(rule, csp.Split("; "));
        Assert.DoesNotContain("unsafe-eval", csp, StringComparison.Ordinal);
        Assert.DoesNotContain(csp.Split("; "), rule => rule.Contains("unsafe", StringComparison.Ordinal) && rule != "style-src-attr 'unsafe-inline'");
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_browsers_call_that_changes_something_needs_a_token_of_ours_and_a_programs_does_not()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage link = await browser.GetAsync(daemon.Server.SignInUrl().AbsolutePath);
        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[(HttpMethod.Post, $"{Tasks}/refresh"), (HttpMethod.Delete, $"{Tasks}/x"), (HttpMethod.Post, "/sign-out")])
        {
            using HttpResponseMessage forged = await browser.SendAsync(method, path);
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
            Assert.Contains("GET /api2/json/session", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage own = await browser.SendAsync(HttpMethod.Post, $"{Tasks}/refresh", content: null, await browser.AntiforgeryAsync());
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);

        // Another session's token is no token.
        using var other = new Browser(daemon.Server.Url);
        using HttpResponseMessage otherLink = await other.GetAsync(daemon.Server.SignInUrl().AbsolutePath);
        (string Name, string Value) foreign = await other.AntiforgeryAsync();
        string form = other.Cookies.Keys.Single(name => name.Contains("form", StringComparison.Ordinal));
        browser.Cookies[form] = other.Cookies[form];
        using HttpResponseMessage swapped = await browser.SendAsync(HttpMethod.Post, $"{Tasks}/refresh", content: null, foreign);
        Assert.Equal(HttpStatusCode.BadRequest, swapped.StatusCode);

        using HttpClient program = daemon.Http();
        using HttpResponseMessage byToken = await program.PostAsync(new Uri($"{Tasks}/refresh", UriKind.Relative), content: null);
        Assert.Equal(HttpStatusCode.OK, byToken.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 404)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "http://127.0.0.1:1", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "https://tasks.example", 404)]
    [InlineData("Origin", "OWN", 404)]
    public async Task A_lasting_connection_is_opened_by_pages_of_ours_alone(string header, string value, int status)
    {
        await using var daemon = await EmptyDaemon.StartAsync(adjust: options => options with { Web = new WebOptions { PublicUrl = new Uri("https://tasks.example/") } });
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage link = await browser.GetAsync(daemon.Server.SignInUrl().AbsolutePath);
        string own = value == "OWN" ? daemon.Server.Url.GetLeftPart(UriPartial.Authority) : value;
        using HttpResponseMessage answer = await browser.SendAsync(HttpMethod.Get, "/_blazor/nothing", content: null, (header, own));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("/sign-in", "application/x-www-form-urlencoded")]
    [InlineData(Tasks + "/refresh", "application/x-www-form-urlencoded")]
    public async Task A_body_that_is_too_large_is_refused(string path, string type)
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage link = await browser.GetAsync(daemon.Server.SignInUrl().AbsolutePath);
        using var body = new StringContent("a=" + new string('x', (1 << 20) + 1), Encoding.ASCII, type);
        using HttpResponseMessage answer = await browser.SendAsync(HttpMethod.Post, path, body);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(daemon.Failures);
    }

    [Fact]
    public async Task Json_that_is_too_deep_or_says_a_thing_twice_is_refused()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        JsonSerializerOptions json = daemon.Server.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        Assert.NotNull(JsonSerializer.Deserialize<JsonElement?>(new string('[', 16) + new string(']', 16), json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JsonElement>(new string('[', 17) + new string(']', 17), json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<string, int>>("""{"a":1,"a":2}""", json));
    }

    [Theory]
    [InlineData("/sign-in.css/../admin-token")]
    [InlineData("/sign-in/..%2f..%2fadmin-token")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/_framework/..%2f..%2fappsettings.json")]
    [InlineData("/_content/%2e%2e%2f%2e%2e%2fusers.json")]
    [InlineData("/..\\..\\users.json")]
    public async Task No_path_leads_out_of_what_is_served(string path)
    {
        await using var daemon = await EmptyDaemon.StartAsync(prepare: People.AddUsers);
        string answer = await daemon.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {daemon.Token}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(daemon.Token, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_in_the_address_opens_nothing()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        foreach (string name in (string[])["token", "access_token", "bearer", "authorization", "apikey"])
            Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync($"{Tasks}/list?{name}={daemon.Token}"));
        using HttpResponseMessage page = await browser.GetAsync($"/sign-in?token={daemon.Token}");
        Assert.DoesNotContain(daemon.Token, await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync("/api2/json/session"));
    }

    [Fact]
    public async Task Under_a_path_of_a_proxy_all_leads_to_that_path_whether_or_not_the_proxy_leaves_it_in_front()
    {
        await using var daemon = await EmptyDaemon.StartAsync(adjust: options => options with { Web = new WebOptions { PublicUrl = new Uri("https://example.com/tasks/") } });
        Assert.StartsWith("https://example.com/tasks/sign-in/once/", daemon.Server.SignInUrl().AbsoluteUri, StringComparison.Ordinal);
        using var browser = new Browser(daemon.Server.Url);
        foreach (string prefix in (string[])["", "/tasks"])
        {
            using HttpResponseMessage page = await browser.GetAsync($"{prefix}/nowhere", ("Host", "example.com"), ("X-Forwarded-Prefix", "//evil.example"));
            Assert.Equal("/tasks/sign-in?return=%2Fnowhere", page.Headers.Location!.OriginalString);
            using HttpResponseMessage form = await browser.GetAsync($"{prefix}/sign-in");
            string html = await form.Content.ReadAsStringAsync();
            Assert.Contains("href=\"/tasks/sign-in.css\"", html, StringComparison.Ordinal);
            Assert.Contains("action=\"/tasks/sign-in\"", html, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync($"{prefix}/sign-in.css"));
        }

        using HttpResponseMessage answer = await browser.SignInAsync("?return=%2Fnowhere", ("token", daemon.Token));
        Assert.Equal("/tasks/nowhere", answer.Headers.Location!.OriginalString);
        Assert.Contains("path=/;", Assert.Single(browser.SetCookies), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "198.51.100.9")]
    [InlineData(false, "127.0.0.1")]
    public async Task Only_a_proxy_that_is_known_is_believed_where_a_request_came_from(bool isKnown, string address)
    {
        await using var daemon = await EmptyDaemon.StartAsync(adjust: options => options with { Web = new WebOptions { Proxies = isKnown ? [IPNetwork.Parse("127.0.0.0/8")] : [] } });
        using var browser = new Browser(daemon.Server.Url);
        using HttpResponseMessage answer = await browser.GetAsync("/sign-in/once/wrong", ("X-Forwarded-For", "203.0.113.1, 198.51.100.9"));
        Assert.Equal($"Warning Sign-in refused: sign-in link from {address} ", Assert.Single(daemon.Failures));
    }
}
