using System.Globalization;
using System.Text;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Says the parameters of a task list in the words of each product. Both refuse parameters that they do not know.</summary>
internal static class TaskListQuery
{
    private static readonly string[] Statuses = ["ok", "warning", "error", "unknown"];

    /// <exception cref="ArgumentException">The product cannot be asked this.</exception>
    internal static string Build(TaskListParameters parameters, RemoteType type)
    {
        Check(parameters, type);
        var query = new StringBuilder();
        Add(query, "start", parameters.Start);
        Add(query, "limit", parameters.Limit);
        // Every task started at 0 or later, so a bound below says nothing.
        if (parameters.Since is > 0)
            Add(query, "since", parameters.Since.Value);
        if (parameters.Until is { } until)
            Add(query, "until", until);
        Add(query, "typefilter", parameters.TypeFilter);
        Add(query, "userfilter", parameters.UserFilter);
        if (parameters.Errors)
            Add(query, "errors", 1);
        string[] statuses = [.. parameters.StatusFilter.Select(status => status.ToLowerInvariant())];
        if (type == RemoteType.Pve)
        {
            Add(query, "source", parameters.Source.ToString().ToLowerInvariant());
            if (parameters.VmId is { } guest)
                Add(query, "vmid", guest);
            Add(query, "statusfilter", string.Join(',', statuses));
            return query.ToString();
        }
        if (parameters.Source == TaskSource.Active)
            Add(query, "running", 1);
        foreach (string status in statuses)
            Add(query, "statusfilter", status);
        return query.ToString();
    }

    private static void Check(TaskListParameters parameters, RemoteType type)
    {
        if (parameters.Limit < 1)
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters.Limit, "The limit must be at least 1.");
        if (parameters.Start < 0)
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters.Start, "The start must be at least 0.");
        if (parameters.Until is < 0)
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters.Until, "Times are seconds since the epoch, at least 0.");
        if (!Enum.IsDefined(parameters.Source))
            throw new ArgumentException("The source is Archive, Active or All.", nameof(parameters));
        if (parameters.VmId is not null && type == RemoteType.Pbs)
            throw new ArgumentException("PBS cannot filter by guest: leave VmId out.", nameof(parameters));
        if (parameters.VmId is < 100)
            throw new ArgumentException("A guest has a number of 100 or more.", nameof(parameters));
        if (parameters.StatusFilter.Any(status => !Statuses.Contains(status, StringComparer.OrdinalIgnoreCase)))
            throw new ArgumentException($"A status filter is one of: {string.Join(", ", Statuses)}.", nameof(parameters));
    }

    private static void Add(StringBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private static void Add(StringBuilder query, string name, long value) => Add(query, name, value.ToString(CultureInfo.InvariantCulture));
}
