using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace RemoteTasks.Server.Security;

/// <summary>Who an open page belongs to: nobody any more, soon after the session has ended.</summary>
internal sealed class CircuitSession(ILoggerFactory logger, Sessions sessions) : RevalidatingServerAuthenticationStateProvider(logger)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(2);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(sessions.Find(authenticationState.User.FindFirstValue(ClaimTypes.NameIdentifier)) is not null);
}
