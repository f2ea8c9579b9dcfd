namespace RemoteTasks.Server.Security;

/// <summary>Somebody who may sign in by a password.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Password">The password, hashed.</param>
public sealed record User(string Name, Role Role, PasswordHash Password) : IAccess
{
    bool IAccess.IsSound => Password.IsSound;
}
