using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace RemoteTasks.Server.Security;

/// <summary>
/// All sessions, in memory alone: they end with the daemon. The cookie has 256 random bits and says nothing; what is kept is their hash, so that
/// an ended session's cookie opens nothing, nor does what a look into the daemon's memory shows.
/// </summary>
internal sealed class Sessions(TimeProvider clock, SessionLimits limits)
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins a session, always with a new id.</summary>
    /// <returns>What the cookie is to hold.</returns>
    internal string Begin(Account account)
    {
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        string id = IdOf(secret);
        _sessions[id] = new Session(id, account, clock.GetTimestamp());
        return secret;
    }

    /// <summary>The session of a cookie, which is used by that; null: there is none, or none any more.</summary>
    internal Session? Use(string secret) => Touch(IdOf(secret));

    /// <summary>The session with an id, which is used by that.</summary>
    internal Session? Touch(string? id)
    {
        Session? session = Find(id);
        session?.Use(clock.GetTimestamp());
        return session;
    }

    /// <summary>The session with an id, as a principal names it.</summary>
    internal Session? Find(string? id) =>
        id is not null && _sessions.TryGetValue(id, out Session? session) && !session.IsOver(clock, limits) ? session : null;

    internal void End(string id)
    {
        if (_sessions.TryRemove(id, out Session? session))
            session.Dispose();
    }

    /// <summary>Ends what has lasted too long, and what else is to end.</summary>
    internal void EndWhere(Func<Session, bool> isToEnd)
    {
        foreach (Session session in _sessions.Values.Where(session => session.IsOver(clock, limits) || isToEnd(session)))
            End(session.Id);
    }

    private static string IdOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
