using System.Security.Cryptography;
using System.Text;

namespace RemoteTasks.Server.Security;

/// <summary>
/// The cookie of a session. Its name's prefix has browsers refuse it to other hosts and to scripts of theirs; the rest of the name tells this daemon
/// from others on the same host, whose ports browsers do not tell apart.
/// </summary>
internal sealed class SessionCookie(ServerOptions options, Sessions sessions)
{
    internal string Name { get; } = NameOf("session", options);

    /// <summary>The session of a request; null when it has none.</summary>
    internal Session? Of(HttpContext context) => context.Request.Cookies.TryGetValue(Name, out string? secret) ? sessions.Use(secret) : null;

    /// <summary>Begins a session with a new id. The one that the browser had ends: nobody else can have prepared it.</summary>
    internal void Begin(HttpContext context, Account account)
    {
        if (Of(context) is { } before)
            sessions.End(before.Id);
        context.Response.Cookies.Append(Name, sessions.Begin(account), Attributes());
    }

    internal void End(HttpContext context)
    {
        if (Of(context) is { } session)
            sessions.End(session.Id);
        context.Response.Cookies.Delete(Name, Attributes());
    }

    /// <summary>A name of a cookie for this daemon alone.</summary>
    internal static string NameOf(string purpose, ServerOptions options) =>
        $"__Host-remote-tasks-{purpose}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.DataDirectory))).AsSpan(0, 4))}";

    private static CookieOptions Attributes() => new() { Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true };
}
