using System.Security.Claims;

namespace RemoteTasks.Server.Security;

/// <summary>Who signed in, and by what.</summary>
/// <param name="Name">Shown and logged. Only the names of users have no blank in them.</param>
/// <param name="Role">What they may do.</param>
/// <param name="User">The user, as the file of users had it; null: the admin token was shown.</param>
internal sealed record Account(string Name, Role Role, User? User = null)
{
    /// <summary>Who has the admin token.</summary>
    internal static readonly Account OfAdminToken = new("admin token", Role.Admin);

    /// <param name="scheme">By which they came in.</param>
    /// <param name="session">The session's id; null: each request shows its token anew.</param>
    internal ClaimsPrincipal Principal(string scheme, string? session = null) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, Name), .. session is null ? [] : (Claim[])[new Claim(ClaimTypes.NameIdentifier, session)], .. Role.Claims()], scheme));
}
