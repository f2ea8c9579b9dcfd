using System.Globalization;
using Microsoft.Extensions.Primitives;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Api;

/// <summary>
/// The parameters of the task list, in the reference's words and ours, in one table: what is read, what is described, what is refused.
/// </summary>
internal static class TaskParameters
{
    /// <summary>All of them; <c>list</c> takes every one, <c>statistics</c> too, where those of paging change nothing.</summary>
    internal static readonly IReadOnlyList<TaskParameter> All =
    [
        new("start", "integer", "Matching tasks to pass over.", (q, v) => q with { Start = Whole(v) }),
        new("limit", "integer", "Tasks to return; 0 means all, streamed. Default 50.", (q, v) => q with { Limit = Whole(v) }),
        new("since", "integer", "Began at or after; seconds since the epoch.", (q, v) => q with { Since = Seconds(v) }),
        new("until", "integer", "Began at or before; seconds since the epoch.", (q, v) => q with { Until = Seconds(v) }),
        new("errors", "boolean", "Leave out what ended OK; running tasks stay.", (q, v) => q with { Errors = Boolean(v) }),
        new("running", "boolean", "Only tasks that run.", (q, v) => q with { Scope = Boolean(v) ? TaskScope.Running : TaskScope.All }),
        new("userfilter", "string", "Part of the user, token included; upper and lower case differ.", (q, v) => q with { User = v }),
        new("typefilter", "string", "Part of the worker type; upper and lower case differ.", (q, v) => q with { Type = v }),
        new("statusfilter", "array", "Any of ok, warning, error, unknown, running: the parameter repeated, or separated by commas.",
            (q, v) => q with { Statuses = [.. q.Statuses ?? [], .. Statuses(v)] }) { IsRepeatable = true },
        new("remote", "string", "The remote's id, exactly.", (q, v) => q with { Remote = v }),
        new("node", "string", "The node in the UPID, exactly.", (q, v) => q with { Node = v }),
        new("guest", "integer", "Number of a guest (vmid), wherever it was backed up or run.", (q, v) => q with { Guest = Whole(v) }),
        new("worker-id", "string", "The worker id as shown, exactly.", (q, v) => q with { WorkerId = v }),
        new("text", "string", "Part of remote, node, type, worker id, user or status; ASCII letters in either case. With 'UPID:' in it: part of the UPID.",
            (q, v) => q with { Text = v }),
        new("after", "string", "Goes on behind this task: the value of 'next' in the page before.", (q, v) => q with { After = Upid(v) }),
    ];

    private static readonly Dictionary<string, TaskParameter> ByName = All.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);

    /// <summary>Reads a query string; what is wrong is named parameter by parameter.</summary>
    internal static TaskQuery Parse(IEnumerable<KeyValuePair<string, StringValues>> query, out Dictionary<string, string> errors)
    {
        errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var result = new TaskQuery();
        foreach ((string name, var values) in query)
        {
            if (!ByName.TryGetValue(name, out TaskParameter? parameter))
            {
                errors[name] = "there is no such parameter";
                continue;
            }

            if (values.Count > 1 && !parameter.IsRepeatable)
            {
                errors[name] = "is given more than once";
                continue;
            }

            foreach (string? value in values)
            {
                try
                {
                    result = parameter.Apply(result, value ?? "");
                }
                catch (FormatException problem)
                {
                    errors[name] = problem.Message;
                }
            }
        }

        return result;
    }

    private static long Whole(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new FormatException("must be a whole number, 0 or more");

    private static long Seconds(string value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new FormatException("must be a whole number of seconds since the epoch");

    private static bool Boolean(string value) => value.ToLowerInvariant() switch
    {
        "1" or "true" or "yes" or "on" => true,
        "0" or "false" or "no" or "off" => false,
        _ => throw new FormatException("must be 1 or 0 (or true, yes, on; false, no, off)"),
    };

    private static IEnumerable<StatusClass> Statuses(string value) => value.Split(',', StringSplitOptions.TrimEntries).Select(text => text switch
    {
        "ok" => StatusClass.Ok,
        "warning" => StatusClass.Warning,
        "error" => StatusClass.Error,
        "unknown" => StatusClass.Unknown,
        "running" => StatusClass.Running,
        _ => throw new FormatException("must be of ok, warning, error, unknown, running"),
    });

    private static string Upid(string value) =>
        RemoteUpid.TryParse(value, out _, out string? problem) ? value : throw new FormatException($"must be the UPID of a remote task: {problem}");
}

/// <summary>One parameter.</summary>
/// <param name="Name">As in the query string.</param>
/// <param name="Type">In the words of JSON schema.</param>
/// <param name="Description">For people.</param>
/// <param name="Apply">Puts a value into a query; <see cref="FormatException"/> says what is wrong with it.</param>
internal sealed record TaskParameter(string Name, string Type, string Description, Func<TaskQuery, string, TaskQuery> Apply)
{
    internal bool IsRepeatable { get; init; }
}
