using System.Security.Cryptography;

namespace RemoteTasks.Server.Api;

/// <summary>
/// Finished bodies of one version of the cache, for those who ask the same again before anything changes. Bounded in bytes; what was not
/// asked for longest makes room. Also makes the tags by which clients know their copies. Safe to use from several threads.
/// </summary>
/// <param name="bytesMax">For all bodies and what is kept beside them.</param>
public sealed class AnswerCache(long bytesMax = AnswerCache.DefaultBytesMax)
{
    /// <summary>The longest body that is kept; longer ones are streamed.</summary>
    public const int BodyBytesMax = 1 << 20;

    private const long DefaultBytesMax = 32L << 20;
    private const int BytesBesideBody = 200;
    private const int ProcessBytes = 8;

    // After a restart versions begin anew.
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ProcessBytes));
    private readonly Dictionary<AnswerKey, LinkedListNode<Answer>> _answers = [];
    private readonly LinkedList<Answer> _order = new();
    private readonly Lock _gate = new();
    private long _version = long.MinValue;
    private long _distrusted = long.MinValue;
    private long _bytes;

    /// <summary>What is held now.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>A strong entity tag: never the same for another body, be it of this process, another version, or another question.</summary>
    public string TagOf(long version, AnswerKey key) => $"\"{_process}-{version}-{key.Digest}\"";

    /// <summary>The body for a question to this version; null when it is not here.</summary>
    public ReadOnlyMemory<byte>? Find(long version, AnswerKey key)
    {
        lock (_gate)
        {
            if (!TryTurnTo(version) || !_answers.TryGetValue(key, out LinkedListNode<Answer>? node))
                return null;
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Body;
        }
    }

    /// <summary>Keeps a body that was made from this version and met no damage. The bytes must not change any more.</summary>
    public void Keep(long version, AnswerKey key, ReadOnlyMemory<byte> body)
    {
        var answer = new Answer(key, body);
        lock (_gate)
        {
            if (!TryTurnTo(version) || body.Length > BodyBytesMax || answer.Bytes > bytesMax || _answers.ContainsKey(key))
                return;
            _answers.Add(key, _order.AddFirst(answer));
            _bytes += answer.Bytes;
            while (_bytes > bytesMax)
                RemoveLast();
        }
    }

    /// <summary>Says that an answer left under its tag before it met damage: no copy of this version is vouched for any more.</summary>
    public void Distrust(long version)
    {
        lock (_gate)
            _distrusted = Math.Max(_distrusted, version);
    }

    /// <summary>Whether who has the tag of an answer of this version has the answer.</summary>
    public bool IsTrusted(long version)
    {
        lock (_gate)
            return _distrusted != version;
    }

    /// <summary>Drops what is older. False when what is here is newer: the asker's snapshot was taken before it.</summary>
    private bool TryTurnTo(long version)
    {
        if (version <= _version)
            return version == _version;
        _version = version;
        _answers.Clear();
        _order.Clear();
        _bytes = 0;
        return true;
    }

    private void RemoveLast()
    {
        Answer last = _order.Last!.Value;
        _order.RemoveLast();
        _answers.Remove(last.Key);
        _bytes -= last.Bytes;
    }

    private sealed record Answer(AnswerKey Key, ReadOnlyMemory<byte> Body)
    {
        internal long Bytes => Body.Length + (sizeof(char) * Key.Text.Length) + BytesBesideBody;
    }
}
