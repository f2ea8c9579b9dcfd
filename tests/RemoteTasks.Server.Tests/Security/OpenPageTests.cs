using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Tests.Security;

/// <summary>Invariants checked: what is done on an open page keeps its session, and nothing is done on it once that has ended; its connection is cut.</summary>
public sealed class OpenPageTests
{
    private readonly FakeTimeProvider _clock = new();

    private readonly Sessions _sessions;

    public OpenPageTests() => _sessions = new Sessions(_clock, SessionLimits.Default);

    [Fact]
    public async Task What_is_done_on_a_page_keeps_its_session_and_is_done_no_more_after_its_end()
    {
        Session session = _sessions.Use(_sessions.Begin(Account.OfAdminToken))!;
        int done = 0;
        Func<CircuitInboundActivityContext, Task> activity =
            new CircuitActivity(new State(session.Principal), _sessions).CreateInboundActivityHandler(_ =>
            {
                done++;
                return Task.CompletedTask;
            });
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromHours(1.5));
            await activity(null!);
        }

        Assert.Equal(3, done);
        _sessions.End(session.Id);
        await activity(null!);
        Assert.Equal(3, done);
    }

    [Fact]
    public async Task A_page_of_nobody_and_one_opened_by_a_token_do_nothing()
    {
        foreach (ClaimsPrincipal user in (ClaimsPrincipal[])[new ClaimsPrincipal(), Account.OfAdminToken.Principal(BearerHandler.SchemeName)])
            await new CircuitActivity(new State(user), _sessions).CreateInboundActivityHandler(_ => throw new InvalidOperationException("It was done."))(null!);
    }

    [Fact]
    public async Task A_connection_is_cut_soon_after_its_session_has_ended()
    {
        Session session = _sessions.Use(_sessions.Begin(Account.OfAdminToken))!;
        var lifetime = new Lifetime();
        var context = new DefaultHttpContext { User = session.Principal };
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Request.Path = "/_blazor";
        var open = new TaskCompletionSource();
        var guard = new SessionGuard(_ => open.Task, _sessions, new NoForms(), new ServerOptions { Remotes = [], DataDirectory = "/nowhere" });
        Task running = guard.InvokeAsync(context);
        Assert.False(running.IsCompleted);
        _sessions.End(session.Id);
        await lifetime.Aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
        open.SetResult();
        await running;
    }

    private sealed class State(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        internal TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }

    private sealed class NoForms : IAntiforgery
    {
        public AntiforgeryTokenSet GetAndStoreTokens(HttpContext httpContext) => throw new NotSupportedException();

        public AntiforgeryTokenSet GetTokens(HttpContext httpContext) => throw new NotSupportedException();

        public Task<bool> IsRequestValidAsync(HttpContext httpContext) => throw new NotSupportedException();

        public Task ValidateRequestAsync(HttpContext httpContext) => throw new NotSupportedException();

        public void SetCookieTokenAndHeader(HttpContext httpContext) => throw new NotSupportedException();
    }
}
