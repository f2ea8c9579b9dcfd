using Microsoft.Data.Sqlite;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Sqlite;

/// <summary>A query as a WHERE clause with its values. The clause depends on which filters are set, not on their values: it is prepared once.</summary>
internal sealed class SqlFilter
{
    private readonly List<string> _terms = [];

    internal SqlFilter(TaskQuery query, Func<string, string, IReadOnlyList<string>> namesWith)
    {
        if (query.Scope != TaskScope.All)
            _terms.Add(query.Scope == TaskScope.Running ? "class = 0" : "class <> 0");
        StatusClass[] statuses = [.. query.Statuses ?? []];
        if (statuses.Length > 0)
            _terms.Add(statuses.Length == 1 ? $"class = {(int)statuses[0]}" : $"class IN ({string.Join(", ", statuses.Select(status => (int)status).Order())})");

        // Said once more in the words of the partial indexes: only then does SQLite use them.
        if (query.Errors || query.Scope == TaskScope.Running || (statuses.Length > 0 && !statuses.Contains(StatusClass.Ok)))
            _terms.Add("class <> 1");
        Equal("remote", query.Remote);
        Equal("node", query.Node);
        Equal("guest", query.Guest);
        OneOf("user", query.User is null ? null : namesWith("users", query.User));
        OneOf("worker_type", query.Type is null ? null : namesWith("types", query.Type));
        Add("starttime >= {0}", query.Since);
        Add("starttime <= {0}", query.Until);
        if (query.Text is { } text)
            Text(text);
    }

    internal string Where => _terms.Count == 0 ? "" : " WHERE " + string.Join(" AND ", _terms);

    internal List<object> Values { get; } = [];

    /// <summary>Rows behind a key only.</summary>
    internal void After(long start, string upid)
    {
        string startName = Name(start);
        _terms.Add($"starttime <= {startName} AND (starttime < {startName} OR upid > {Name(upid)})");
    }

    internal void Bind(SqliteCommand command)
    {
        while (command.Parameters.Count < Values.Count)
            command.Parameters.Add(new SqliteParameter { ParameterName = $"$p{command.Parameters.Count}" });
        for (int i = 0; i < Values.Count; i++)
            command.Parameters[i].Value = Values[i];
    }

    private string Name(object value)
    {
        Values.Add(value);
        return $"$p{Values.Count - 1}";
    }

    private void Equal(string column, object? value) => Add(column + " = {0}", value);

    private void Add(string term, object? value)
    {
        if (value is not null)
            _terms.Add(string.Format(null, term, Name(value)));
    }

    private void OneOf(string column, IReadOnlyList<string>? names)
    {
        if (names is not null)
            _terms.Add(names.Count == 1 ? $"{column} = {Name(names[0])}" : $"{column} IN ({string.Join(", ", names.Select(Name))})");
    }

    /// <summary>LIKE ignores the case of ASCII letters, as the product does.</summary>
    private void Text(string text)
    {
        string pattern = text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
        string name = Name($"%{pattern}%");
        string[] columns = ["remote", "node", "worker_type", "user", "status", "worker_id"];
        _terms.Add($"({string.Join(" OR ", columns.Select(column => $"{column} LIKE {name} ESCAPE '\\'"))})");
    }
}
