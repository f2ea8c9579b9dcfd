using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace RemoteTasks.Server.Security;

/// <summary>Codes of 256 random bits that sign in once, soon after they were made: for the link that is printed where the daemon is started.</summary>
internal sealed class OneTimeCodes(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _madeAt = new(StringComparer.Ordinal);

    internal string Create()
    {
        string code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _madeAt[HashOf(code)] = clock.GetTimestamp();
        return code;
    }

    /// <summary>Whether a code is good, which it is no more after that.</summary>
    internal bool Redeem(string code) => _madeAt.TryRemove(HashOf(code), out long madeAt) && clock.GetElapsedTime(madeAt) < Lifetime;

    private static string HashOf(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
