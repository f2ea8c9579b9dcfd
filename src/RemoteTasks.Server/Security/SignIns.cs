namespace RemoteTasks.Server.Security;

/// <summary>Lets people in who show a password, the admin token or a code, and counts and logs who does not.</summary>
internal sealed class SignIns(
    Watched<User> users, AdminToken adminToken, OneTimeCodes codes, SignInLimiter limiter, SessionCookie cookie, ILogger<SignIns> logger)
{
    /// <summary>A wrong password and a name that nobody has get the same answer, after the same time.</summary>
    internal Task<SignInOutcome> ByPasswordAsync(HttpContext context, string name, string password)
    {
        User? user = users.All.FirstOrDefault(user => user.Name == name);
        PasswordHash hash = user?.Password ?? PasswordHash.OfNobody;
        return TryAsync(
            context,
            ClientText.Name(name),
            user is null ? null : new Account(user.Name, user.Role, user),
            () => limiter.CheckAsync(() => hash.Is(password.Length <= PasswordHash.LengthMax ? password : ""), context.RequestAborted));
    }

    internal Task<SignInOutcome> ByTokenAsync(HttpContext context, string token) =>
        TryAsync(context, Account.OfAdminToken.Name, Account.OfAdminToken, () => Task.FromResult<bool?>(adminToken.Is(token)));

    internal Task<SignInOutcome> ByCodeAsync(HttpContext context, string code) =>
        TryAsync(context, "sign-in link", Account.OfAdminToken, () => Task.FromResult<bool?>(codes.Redeem(code)));

    internal void End(HttpContext context)
    {
        logger.SignedOut(context.User.Identity!.Name!, ClientText.Address(context));
        cookie.End(context);
    }

    /// <param name="context">The request.</param>
    /// <param name="called">What they say they are, fit for a log.</param>
    /// <param name="account">Who they are when what they show is right; null: nobody.</param>
    /// <param name="check">Whether it is; null: this cannot be checked now.</param>
    private async Task<SignInOutcome> TryAsync(HttpContext context, string called, Account? account, Func<Task<bool?>> check)
    {
        if (limiter.Refuses(ClientText.Network(context), called) is { } wait)
            return new SignInOutcome(IsIn: false, wait);
        bool? isRight = await check();
        if (isRight is null)
            return new SignInOutcome(IsIn: false, SignInLimiter.WhenBusy);
        if (isRight is false || account is null)
        {
            logger.SignInRefused(called, ClientText.Address(context));
            return new SignInOutcome(IsIn: false);
        }

        cookie.Begin(context, account);
        logger.SignedIn(called, ClientText.Address(context));
        return new SignInOutcome(IsIn: true);
    }
}

/// <summary>How a try to sign in went.</summary>
/// <param name="IsIn">It succeeded.</param>
/// <param name="Wait">It was not looked at: there were too many. So long one has to wait.</param>
internal readonly record struct SignInOutcome(bool IsIn, TimeSpan? Wait = null);
