using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;

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
        services.AddSingleton<SessionCookie>();
        services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, displayName: null, any => any.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.Count > 0 ? BearerHandler.SchemeName : SessionHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null);
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
        services.AddCascadingAuthenticationState();
    }

    /// <summary>Everything that comes before an endpoint.</summary>
    internal static void UseSecurity(this WebApplication app)
    {
        app.UseSecurityHeaders(SecurityHeaders.Policy());
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    internal static void MapSignIn(this IEndpointRouteBuilder routes) => SignInEndpoints.Map(routes);

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
