using System.Net;
using System.Text.RegularExpressions;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>As much of a browser as a session needs: keeps cookies, opens pages, sends forms, follows nothing by itself.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    internal Browser(Uri url) => _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url };

    /// <summary>By name; what is set here is sent.</summary>
    internal Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The cookies of the last answer as they came, with their attributes.</summary>
    internal IReadOnlyList<string> SetCookies { get; private set; } = [];

    internal KeyValuePair<string, string> Session => Cookies.Single(cookie => cookie.Key.Contains("session", StringComparison.Ordinal));

    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", "text/html,*/*");
        foreach ((string name, string value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (Cookies.Count > 0)
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        HttpResponseMessage response = await _http.SendAsync(request);
        SetCookies = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? [.. set] : [];
        foreach (string cookie in SetCookies)
        {
            string[] pair = cookie.Split(';', 2)[0].Split('=', 2);
            if (cookie.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
                Cookies.Remove(pair[0]);
            else
                Cookies[pair[0]] = pair[1];
        }

        return response;
    }

    internal Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, content: null, headers);

    internal async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        return response.StatusCode;
    }

    /// <summary>Opens the sign-in page, and sends its form with these fields.</summary>
    internal async Task<HttpResponseMessage> SignInAsync(string query, params (string Name, string Value)[] fields)
    {
        using HttpResponseMessage page = await GetAsync("/sign-in" + query);
        string html = await page.Content.ReadAsStringAsync();
        return await PostAsync("/sign-in", [("__RequestVerificationToken", Hidden(html, "__RequestVerificationToken")), ("return", Hidden(html, "return")), .. fields]);
    }

    internal Task<HttpResponseMessage> SignInAsync(string user, string password) => SignInAsync("", ("user", user), ("password", password));

    internal async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await SendAsync(HttpMethod.Post, path, form);
    }

    /// <summary>Sends the form that pages have for signing out.</summary>
    internal async Task<HttpResponseMessage> SignOutAsync() => await PostAsync("/sign-out", ("__RequestVerificationToken", (await AntiforgeryAsync()).Value));

    /// <summary>The header that a call which changes something needs.</summary>
    internal async Task<(string Name, string Value)> AntiforgeryAsync()
    {
        using HttpResponseMessage response = await GetAsync("/api2/json/session");
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        System.Text.Json.JsonElement data = System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("data");
        return (data.GetProperty("header").GetString()!, data.GetProperty("antiforgery").GetString()!);
    }

    public void Dispose() => _http.Dispose();

    private static string Hidden(string html, string name) =>
        WebUtility.HtmlDecode(HiddenField().Matches(html).First(match => match.Groups["name"].Value == name).Groups["value"].Value);

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\">", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HiddenField();
}
