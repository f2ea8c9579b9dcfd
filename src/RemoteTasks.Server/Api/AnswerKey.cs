using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Api;

/// <summary>What was asked, in one form however it was worded: equal for two requests when one cache answers the same to both.</summary>
public readonly record struct AnswerKey
{
    private const int DigestBytes = 16;

    private AnswerKey(string text) => Text = text;

    /// <summary>The canonical form.</summary>
    public string Text { get; }

    /// <summary>Short, and different for different questions: the first 128 bits of SHA-256.</summary>
    internal string Digest => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Text.AsSpan())).AsSpan(0, DigestBytes));

    /// <summary>For a list.</summary>
    public static AnswerKey OfList(TaskQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new AnswerKey($"list|{query.Start}|{query.Limit}|{Part(query.After)}{Filter(query)}");
    }

    /// <summary>For statistics, which paging does not change.</summary>
    public static AnswerKey OfStatistics(TaskQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new AnswerKey($"statistics|{Filter(query)}");
    }

    /// <summary>For a histogram, which paging does not change.</summary>
    public static AnswerKey OfHistogram(TaskQuery query, int partsMax)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new AnswerKey($"histogram|{partsMax}|{Filter(query)}");
    }

    /// <summary>For the same question to a daemon that knows something else beside its cache.</summary>
    /// <param name="version">Of what it knows beside.</param>
    internal AnswerKey Beside(long version) => version == 0 ? this : new AnswerKey($"{Text}beside|{version}");

    private static string Filter(TaskQuery query)
    {
        int statuses = query.Statuses?.Aggregate(0, (set, status) => set | (1 << (int)status)) ?? 0;
        return $"{(int)query.Scope}|{query.Errors}|{statuses}|{query.Guest}|{query.Since}|{query.Until}|{Part(query.Remote)}{Part(query.Node)}"
            + $"{Part(query.Type)}{Part(query.User)}{Part(query.WorkerId)}{Part(query.Text)}";
    }

    /// <summary>With its length before it, so that no text can be taken for the part behind it.</summary>
    private static string Part(string? text) => text is null ? "-|" : $"{text.Length}:{text}|";
}
