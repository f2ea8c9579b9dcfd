using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace RemoteTasks.Server.Security;

/// <summary>Signs in who presents a token as <c>Authorization: Bearer ...</c>; never from the query string, which ends up in logs.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AdminToken adminToken, Watched<AccessToken> tokens, SignInLimiter limiter)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string SchemeName = "Bearer";

    private const string Prefix = "Bearer ";

    /// <summary>Not so with other credentials, which are for a proxy in front.</summary>
    internal static bool IsFor(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsFor(Request))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (AccountOf(Request.Headers.Authorization.ToString()[Prefix.Length..].Trim()) is { } account)
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(account.Principal(SchemeName), SchemeName)));

        // Said as often as somebody may try to sign in, not as often as somebody likes to fill the log. People at the same address may still sign in.
        if (limiter.Refuses($"{SchemeName} {ClientText.Network(Context)}", SchemeName) is null)
            Logger.SignInRefused("a token", ClientText.Address(Context));
        return Task.FromResult(AuthenticateResult.Fail("wrong token"));
    }

    private Account? AccountOf(string presented) => adminToken.Is(presented) ? Account.OfAdminToken
        : AccessToken.Find(tokens.All, presented, TimeProvider.GetUtcNow()) is { } token ? new Account($"token {token.Name}", token.Role)
        : null;

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Refusals.NotSignedInAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.NotAllowedAsync(Context);
}
