using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>Users and tokens for tests. A password takes its time to hash, so all have the same one.</summary>
internal static class People
{
    internal const string Password = "correct horse battery";

    internal static readonly PasswordHash Hash = PasswordHash.Of(Password);

    /// <summary>Writes the users reader, operator and administrator.</summary>
    internal static void AddUsers(string dataDirectory) => AccessFiles.Users(dataDirectory).Change(_ =>
        [new User("reader", Role.Read, Hash), new User("operator", Role.Operate, Hash), new User("administrator", Role.Admin, Hash)]);

    internal static string AddToken(string dataDirectory, string name, Role role, DateTimeOffset? expires = null)
    {
        (AccessToken kept, string token) = AccessToken.Create(name, role, expires);
        AccessFiles.Tokens(dataDirectory).Change(all => [.. all, kept]);
        return token;
    }
}
