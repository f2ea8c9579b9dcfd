using System.Security.Cryptography;
using System.Text;

namespace RemoteTasks.Server.Security;

/// <summary>A token of this daemon's own, for a program. It is shown once; what is kept is the hash of its 256 random bits, which need no slow one.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Id">The part of the token that may be seen, by which it is found.</param>
/// <param name="Hash">SHA-256 of the secret part, in hexadecimal.</param>
/// <param name="Role">What it opens.</param>
/// <param name="Expires">From when on it opens nothing; null: never.</param>
public sealed record AccessToken(string Name, string Id, string Hash, Role Role, DateTimeOffset? Expires = null) : IAccess
{
    private const string Prefix = "rt";
    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    bool IAccess.IsSound => Id.Length == IdBytes * 2 && Hash.Length == SHA256.HashSizeInBytes * 2 && Id.All(char.IsAsciiHexDigitLower) && Hash.All(char.IsAsciiHexDigitLower);

    /// <summary>Makes a new token.</summary>
    /// <returns>What is kept of it, and the token itself.</returns>
    public static (AccessToken Kept, string Token) Create(string name, Role role, DateTimeOffset? expires)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new AccessToken(name, id, Convert.ToHexStringLower(HashOf(secret)), role, expires), $"{Prefix}_{id}_{secret}");
    }

    /// <summary>The token that somebody presents; null: there is none such, or none any more.</summary>
    internal static AccessToken? Find(IReadOnlyList<AccessToken> all, string presented, DateTimeOffset now)
    {
        if (presented.Split('_') is not [Prefix, { } id, { } secret] || all.FirstOrDefault(token => token.Id == id) is not { } found)
            return null;
        bool isRight = CryptographicOperations.FixedTimeEquals(Convert.FromHexString(found.Hash), HashOf(secret));
        return isRight && !found.IsExpired(now) ? found : null;
    }

    internal bool IsExpired(DateTimeOffset now) => Expires <= now;

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
