using System.Text;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>One version of a task as the model knows it: made from parts, never parsed by the engine.</summary>
internal sealed record ModelTask
{
    internal required bool IsPbs { get; init; }

    internal required string Remote { get; init; }

    internal required string Node { get; init; }

    internal required uint Pid { get; init; }

    internal required long PStart { get; init; }

    internal required long Start { get; init; }

    internal required string Type { get; init; }

    internal required string RawId { get; init; }

    internal required string? ShownId { get; init; }

    internal required string User { get; init; }

    internal required string? Status { get; init; }

    internal required long? End { get; init; }

    internal string Native => IsPbs
        ? $"UPID:{Node}:{Pid:X8}:{PStart:X8}:0000000A:{Start:X8}:{Type}:{RawId}:{User}:"
        : $"UPID:{Node}:{Pid:X8}:{PStart:X8}:{Start:X8}:{Type}:{RawId}:{User}:";

    internal string OldForm => $"{Remote}!{Native}";

    internal string Upid => (IsPbs ? "pbs:" : "pve:") + OldForm;

    internal StatusClass Class => this switch
    {
        { End: null } => StatusClass.Running,
        { Status: "OK" } => StatusClass.Ok,
        { Status: null or "" or "unknown" or "unexpected status" } => StatusClass.Unknown,
        { Status: { } text } when text.StartsWith("WARNINGS: ", StringComparison.Ordinal) => StatusClass.Warning,
        _ => StatusClass.Error,
    };

    internal bool Matches(TaskQuery query) =>
        !(Start < query.Since) && !(Start > query.Until)
        && (query.Scope == TaskScope.All || (query.Scope == TaskScope.Running) == (End is null))
        && (query.Statuses is not { Count: > 0 } || query.Statuses.Contains(Class))
        && !(query.Errors && Class == StatusClass.Ok)
        && (query.Remote is null || query.Remote == Remote)
        && (query.Node is null || query.Node == Node)
        && (query.Type is null || Type.Contains(query.Type, StringComparison.Ordinal))
        && (query.User is null || User.Contains(query.User, StringComparison.Ordinal))
        && (query.WorkerId is null || query.WorkerId == (ShownId ?? ""))
        && (query.Guest is null || IsGuest(query.Guest.Value))
        && (query.Text is null || HasText(query.Text));

    /// <summary>Every field of a row, as one text to compare.</summary>
    internal string Show() =>
        $"{Upid}|{Remote}|{Node}|{Pid}|{PStart}|{Start}|{Type}|{ShownId ?? "-"}|{User}|{End}|{Status ?? "<none>"}|{Class}";

    internal static string Show(TaskRow row) =>
        $"{row.Upid}|{row.Remote}|{row.Node}|{row.Pid}|{row.PStart}|{row.StartTime}|{row.WorkerType}|{row.WorkerId ?? "-"}|{row.User}|{row.EndTime}|{row.Status ?? "<none>"}|{row.Class}";

    internal static readonly Comparer<ModelTask> Order = Comparer<ModelTask>.Create((a, b) =>
        a.Start != b.Start ? b.Start.CompareTo(a.Start) : Encoding.UTF8.GetBytes(a.Upid).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Upid)));

    private bool IsGuest(long guest)
    {
        string parts = $"/{ShownId?.Replace(':', '/')}/";
        return ShownId is not null && (IsPbs
            ? parts.Contains($"/vm/{guest}/", StringComparison.Ordinal) || parts.Contains($"/ct/{guest}/", StringComparison.Ordinal)
            : ShownId == $"{guest}" || ShownId.StartsWith($"{guest}@", StringComparison.Ordinal));
    }

    private bool HasText(string text) => text.Contains("UPID:", StringComparison.Ordinal)
        ? Upid.Contains(text, StringComparison.Ordinal)
        : new[] { Remote, Node, Type, ShownId, User, Status }.Any(field => field is not null && Lower(field).Contains(Lower(text), StringComparison.Ordinal));

    private static string Lower(string text) => string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c));
}
