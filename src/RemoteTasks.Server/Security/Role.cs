using System.Security.Claims;

namespace RemoteTasks.Server.Security;

/// <summary>What somebody may do; each role may do what the one before it may.</summary>
public enum Role
{
    /// <summary>See everything: lists, logs, freshness.</summary>
    Read,

    /// <summary>Also have remotes polled, and tasks stopped.</summary>
    Operate,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>The policies that endpoints and components name, one a role.</summary>
internal static class Policies
{
    internal const string Read = nameof(Role.Read);
    internal const string Operate = nameof(Role.Operate);
    internal const string Admin = nameof(Role.Admin);
}

/// <summary>How a role is written, and how it stands in a principal.</summary>
public static class Roles
{
    /// <summary>From the one that may least.</summary>
    public static IReadOnlyList<Role> All { get; } = Enum.GetValues<Role>();

    /// <summary>As people write it.</summary>
    public static string Word(this Role role) => role switch
    {
        Role.Read => "read",
        Role.Operate => "operate",
        _ => "admin",
    };

    /// <summary>The role that a word stands for.</summary>
    /// <exception cref="InvalidOperationException">It stands for none.</exception>
    public static Role Of(string word) => All.Single(role => role.Word() == word);

    /// <summary>The role and all below it, so that a policy asks for one.</summary>
    internal static IEnumerable<Claim> Claims(this Role role) => All.Where(other => other <= role).Select(other => new Claim(ClaimTypes.Role, other.Word()));

    /// <summary>Null when nobody is signed in.</summary>
    internal static Role? Of(ClaimsPrincipal user) => All.Where(role => user.IsInRole(role.Word())).Select(role => (Role?)role).Max();
}
