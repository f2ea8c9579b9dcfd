using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>What the address of a page asks for, in the words of REST, so that a view can be sent to somebody. Immutable.</summary>
public sealed class TaskFilters
{
    /// <summary>The page's own word beside those of REST: the task that lies open over the list.</summary>
    public const string OpenedName = "task";

    private static readonly string[] NotFilters = ["start", "limit", "after", OpenedName];

    private readonly Dictionary<string, string> _values;

    private TaskFilters(Dictionary<string, string> values, string? opened)
    {
        _values = values;
        Opened = opened;
        Query = TaskParameters.Parse(values.Select(value => new KeyValuePair<string, StringValues>(value.Key, value.Value)), out Dictionary<string, string> problems);
        Problems = problems;
        Key = QueryHelpers.AddQueryString("", values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => new KeyValuePair<string, string?>(value.Key, value.Value)));
    }

    /// <summary>The same as a query to the cache.</summary>
    public TaskQuery Query { get; }

    /// <summary>What is wrong, by parameter.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; }

    /// <summary>The UPID of the task that is open.</summary>
    public string? Opened { get; }

    /// <summary>Equal when the same is asked: the query string with all filters, in one order.</summary>
    public string Key { get; }

    /// <summary>The filters, as they were given.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Reads them from the address of a page.</summary>
    public static TaskFilters Of(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        Dictionary<string, StringValues> given = QueryHelpers.ParseQuery(page.Query);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, StringValues value) in given)
        {
            string text = string.Join(',', value.Where(part => !string.IsNullOrEmpty(part)));
            if (text.Length > 0 && !NotFilters.Contains(name))
                values[name] = text;
        }

        return new TaskFilters(values, given.TryGetValue(OpenedName, out StringValues opened) ? opened.ToString() : null);
    }

    /// <summary>One filter's value; null when it is not set.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The same filters with one of them changed, or (null) without it.</summary>
    public TaskFilters With(string name, string? value) => With([(name, value)]);

    /// <summary>The same filters with some changed, or (null) without them.</summary>
    public TaskFilters With(params IEnumerable<(string Name, string? Value)> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var values = new Dictionary<string, string>(_values, StringComparer.Ordinal);
        foreach ((string name, string? value) in changes)
        {
            if (string.IsNullOrEmpty(value))
                values.Remove(name);
            else
                values[name] = value;
        }

        return new TaskFilters(values, Opened);
    }

    /// <summary>The status classes that are let through; none: all.</summary>
    public IReadOnlyCollection<StatusClass> Statuses => Query.Statuses ?? [];

    /// <summary>The same filters with a status class let through, or not any more.</summary>
    public TaskFilters Toggle(StatusClass status)
    {
        StatusClass[] statuses = [.. Statuses.Contains(status) ? Statuses.Where(other => other != status) : [.. Statuses, status]];
        return With("statusfilter", string.Join(',', statuses.Distinct().Select(StatusWords.Of)));
    }

    /// <summary>The address of the list with these filters, relative to the base; with a task open over it or not.</summary>
    public string Url(string? opened = null) => QueryHelpers.AddQueryString("tasks" + Key, opened is null ? [] : [new KeyValuePair<string, string?>(OpenedName, opened)]);

    /// <summary>The address of a call of REST with these filters.</summary>
    public string UrlOf(string call, params IEnumerable<(string Name, string Value)> more) =>
        QueryHelpers.AddQueryString(call + Key, more.Select(part => new KeyValuePair<string, string?>(part.Name, part.Value)));

    /// <summary>Times as seconds.</summary>
    public static string Text(long seconds) => seconds.ToString(CultureInfo.InvariantCulture);
}
