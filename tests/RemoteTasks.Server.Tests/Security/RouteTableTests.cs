using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Security;

/// <summary>
/// Invariants checked, on every endpoint that the daemon has, found in its own table of routes: it names a role, and nobody gets in without signing in, nor
/// with less than that role. What is open to all stands here by name.
/// </summary>
public sealed class RouteTableTests
{
    private static readonly string[] Open = ["GET /health", "HEAD /health", "GET /sign-in", "POST /sign-in", "GET /sign-in/once/{code}", "GET /sign-in.css"];

    [Fact]
    public async Task Every_endpoint_names_a_role_or_is_known_to_be_open()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        (string Call, RouteEndpoint Endpoint)[] all = [.. Calls(daemon)];
        Assert.True(all.Length > Open.Length + 5, $"{all.Length} endpoints were found.");
        Assert.Equal(Open.Order(StringComparer.Ordinal), all.Where(one => one.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(one => one.Call).Order(StringComparer.Ordinal));
        foreach ((string call, RouteEndpoint endpoint) in all.Where(one => !Open.Contains(one.Call)))
            Assert.True(PolicyOf(endpoint) is Policies.Read or Policies.Operate or Policies.Admin, $"{call} names no role.");
    }

    [Fact]
    public async Task Nobody_gets_anywhere_without_signing_in()
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        using var browser = new Browser(daemon.Server.Url);
        foreach ((string call, RouteEndpoint endpoint) in Calls(daemon).Where(one => !Open.Contains(one.Call)))
        {
            string[] parts = call.Split(' ');
            string path = PathOf(endpoint);
            using HttpResponseMessage program = await browser.SendAsync(new HttpMethod(parts[0]), path, content: null, ("Accept", "*/*"));
            Assert.True(HttpStatusCode.Unauthorized == program.StatusCode, $"{call}: {program.StatusCode}");
            Assert.Equal("application/json", program.Content.Headers.ContentType?.MediaType);

            using HttpResponseMessage page = await browser.SendAsync(new HttpMethod(parts[0]), path);
            bool isPage = parts[0] is "GET" or "HEAD" && !path.StartsWith("/api2", StringComparison.Ordinal) && !path.StartsWith("/openapi", StringComparison.Ordinal);
            Assert.True((isPage ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized) == page.StatusCode, $"{call}: {page.StatusCode}");
            if (isPage)
                Assert.StartsWith("/sign-in", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_role_that_is_too_small_is_told_which_one_is_needed()
    {
        await using var daemon = await EmptyDaemon.StartAsync(prepare: directory =>
        {
            foreach (Role role in Roles.All)
                File.WriteAllText(Path.Combine(directory, role.Word()), People.AddToken(directory, role.Word(), role));
        });
        foreach (Role role in Roles.All)
        {
            using var http = new HttpClient { BaseAddress = daemon.Server.Url };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await File.ReadAllTextAsync(Path.Combine(daemon.DataDirectory, role.Word())));
            foreach ((string call, RouteEndpoint endpoint) in Calls(daemon).Where(one => !Open.Contains(one.Call)))
            {
                Role needed = Enum.Parse<Role>(PolicyOf(endpoint)!);
                using var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), new Uri(PathOf(endpoint), UriKind.Relative));
                using HttpResponseMessage answer = await http.SendAsync(request);
                Assert.True(answer.StatusCode is HttpStatusCode.Forbidden == needed > role && answer.StatusCode != HttpStatusCode.Unauthorized, $"{role} {call}: {answer.StatusCode}");
                if (needed > role && request.Method != HttpMethod.Head)
                    Assert.Contains($"This needs the role '{needed.Word()}'; 'token {role.Word()}' has the role '{role.Word()}'.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<(string Call, RouteEndpoint Endpoint)> Calls(EmptyDaemon daemon) =>
        from endpoint in daemon.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "POST", "DELETE"]
        select ($"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}", endpoint);

    private static string? PolicyOf(RouteEndpoint endpoint) => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).LastOrDefault(policy => policy is not null);

    private static string PathOf(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part is RoutePatternLiteralPart literal ? literal.Content : part is RoutePatternParameterPart { Default: { } value } ? $"{value}" : "x"))));
}
