using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Sources;

/// <summary>A query in the words of REST.</summary>
internal static class QueryString
{
    internal static string Of(TaskQuery query)
    {
        var parts = new List<string>();
        void Add(string name, object? value)
        {
            if (value is not null)
                parts.Add($"{name}={Uri.EscapeDataString(value.ToString()!)}");
        }

        Add("start", query.Start == 0 ? null : query.Start);
        Add("limit", query.Limit);
        Add("since", query.Since);
        Add("until", query.Until);
        Add("errors", query.Errors ? 1 : null);
        Add("running", query.Scope == TaskScope.Running ? 1 : null);
        Add("userfilter", query.User);
        Add("typefilter", query.Type);
        foreach (StatusClass status in query.Statuses ?? [])
            Add("statusfilter", status.ToString().ToLowerInvariant());
        Add("remote", query.Remote);
        Add("node", query.Node);
        Add("guest", query.Guest);
        Add("worker-id", query.WorkerId);
        Add("text", query.Text);
        Add("after", query.After);
        return string.Join('&', parts);
    }
}
