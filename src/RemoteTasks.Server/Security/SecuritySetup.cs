using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;

namespace RemoteTasks.Server.Security;

/// <summary>Puts together who may do what: tokens for programs, sessions for browsers, a role for each endpoint.</summary>
internal static class SecuritySetup
{
    /// <summary>Chooses by the request: a program shows a token, a browser a cookie.</summary>
    private const string AnyScheme = "Any";

    internal static void AddSecurity(this IServiceCollection services, ServerOptions options, AdminToken token)
    {
        services.AddSingleton(token);
        services.AddSingleton(new Sessions(options.Clock, SessionLimits.Default));
        services.AddSingleton(new OneTimeCodes(options.Clock));
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<SignIns>();
        services.AddSingleton(provider => new Watched<User>(AccessFiles.Users(options.DataDirectory), provider.GetRequiredService<ILogger<Watched<User>>>()));
        services.AddSingleton(provider => new Watched<AccessToken>(AccessFiles.Tokens(options.DataDirectory), provider.GetRequiredService<ILogger<Watched<AccessToken>>>()));
        services.AddSingleton<SessionKeeper>();
        services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, displayName: null, any => any.ForwardDefaultSelector = context =>
                BearerHandler.IsFor(context.Request) ? BearerHandler.SchemeName : SessionHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null);

        // Not a line in the log for each page that somebody opens who is not signed in, nor a trace for each form or body that somebody made up. What really
        // fails is logged by who answers it.
        services.AddLogging(logging => logging
            .AddFilter(typeof(SessionHandler).FullName, LogLevel.Warning)
            .AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Critical)
            .AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None));
        AuthorizationBuilder authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(Role.Admin.Word()).Build());
        foreach (Role role in Roles.All)
            authorization.AddPolicy(role.ToString(), policy => policy.RequireRole(role.Word()));

        // Forms are bound to a session, and sessions end with the daemon: its keys need not outlive it.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie = new HostCookie(SessionCookie.NameOf("form", options));
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddScoped<CircuitHandler, CircuitActivity>();
        services.AddCascadingAuthenticationState();
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            // Nor the path nor the host: what a proxy does not set itself it passes on from whoever asks.
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (System.Net.IPNetwork proxy in options.Web.Proxies)
                forwarded.KnownIPNetworks.Add(proxy);
        });
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.MaxDepth = 16;
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
    }

    /// <summary>Everything that comes before an endpoint.</summary>
    internal static void UseSecurity(this WebApplication app)
    {
        // A daemon whose files of who gets in cannot be used does not start.
        _ = app.Services.GetRequiredService<Watched<User>>();
        _ = app.Services.GetRequiredService<Watched<AccessToken>>();
        WebOptions web = app.Services.GetRequiredService<ServerOptions>().Web;
        app.UseSecurityHeaders(SecurityHeaders.Policy());
        if (web.Proxies.Count > 0)
            app.UseForwardedHeaders();
        app.UseMiddleware<HostCheck>();
        app.Use((context, next) =>
        {
            LieUnder(context.Request, web.PathBase);
            return next(context);
        });
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<SessionGuard>();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    internal static void MapSignIn(this IEndpointRouteBuilder routes) => SignInEndpoints.Map(routes);

    /// <summary>Proxies differ in whether they leave the path in front of what they pass on: both is understood, and links have it.</summary>
    private static void LieUnder(HttpRequest request, PathString pathBase)
    {
        if (request.Path.StartsWithSegments(pathBase, StringComparison.Ordinal, out PathString rest))
            request.Path = rest.HasValue ? rest : "/";
        request.PathBase = pathBase;
    }

    /// <summary>Secure even where the daemon itself speaks plain HTTP, which the setting for it refuses.</summary>
    private sealed class HostCookie : CookieBuilder
    {
        internal HostCookie(string name)
        {
            Name = name;
            Path = "/";
            HttpOnly = true;
            IsEssential = true;
            SameSite = SameSiteMode.Strict;
            SecurePolicy = CookieSecurePolicy.None;
        }

        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            CookieOptions built = base.Build(context, expiresFrom);
            built.Secure = true;
            return built;
        }
    }
}
