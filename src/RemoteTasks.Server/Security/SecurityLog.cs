namespace RemoteTasks.Server.Security;

/// <summary>What is logged of who comes in. Never what they showed.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(50, LogLevel.Information, "Signed in: {Account} from {Address}")]
    internal static partial void SignedIn(this ILogger logger, string account, string address);

    [LoggerMessage(51, LogLevel.Warning, "Sign-in refused: {Account} from {Address}")]
    internal static partial void SignInRefused(this ILogger logger, string account, string address);

    [LoggerMessage(52, LogLevel.Information, "Signed out: {Account} from {Address}")]
    internal static partial void SignedOut(this ILogger logger, string account, string address);

    [LoggerMessage(53, LogLevel.Information, "{File} read again: {Count} in it")]
    internal static partial void AccessReloaded(this ILogger logger, string file, int count);

    [LoggerMessage(54, LogLevel.Error, "Nobody in this file gets in until it is mended: {Problem}")]
    internal static partial void AccessNotReloaded(this ILogger logger, string problem);

    [LoggerMessage(55, LogLevel.Error, "Sessions could not be looked through, and are again in a moment")]
    internal static partial void SessionsNotKept(this ILogger logger, Exception error);
}
