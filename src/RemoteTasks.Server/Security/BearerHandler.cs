using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace RemoteTasks.Server.Security;

/// <summary>Signs in who presents a token as <c>Authorization: Bearer ...</c>; never from the query string, which ends up in logs.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AdminToken token)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string SchemeName = "Bearer";

    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        return Task.FromResult(token.Is(header[Prefix.Length..].Trim())
            ? AuthenticateResult.Success(new AuthenticationTicket(Account.OfAdminToken.Principal(SchemeName), SchemeName))
            : AuthenticateResult.Fail("wrong token"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Refusals.NotSignedInAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.NotAllowedAsync(Context);
}
