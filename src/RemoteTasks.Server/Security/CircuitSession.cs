using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace RemoteTasks.Server.Security;

/// <summary>Who an open page belongs to: nobody any more, soon after the session has ended.</summary>
internal sealed class CircuitSession(ILoggerFactory logger, Sessions sessions) : RevalidatingServerAuthenticationStateProvider(logger)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(2);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(sessions.Find(authenticationState.User.FindFirstValue(ClaimTypes.NameIdentifier)) is not null);
}

/// <summary>What is done on an open page is use of its session, and is done no more once that has ended.</summary>
internal sealed class CircuitActivity(AuthenticationStateProvider authentication, Sessions sessions) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        AuthenticationState state = await authentication.GetAuthenticationStateAsync();
        if (sessions.Touch(state.User.FindFirstValue(ClaimTypes.NameIdentifier)) is not null)
            await next(context);
    };
}
