using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Sqlite;

/// <summary>The same tasks in SQLite. Durable at each update (synchronous=FULL), one connection, statements prepared once.</summary>
internal sealed class SqliteEngine : Engine
{
    private const string Columns = "upid, remote, node, pid, pstart, starttime, worker_type, worker_id, user, endtime, status";

    private readonly SqliteConnection _connection;
    private readonly SqlInsert _insert;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly AnswerBuffer _answer = new();

    internal SqliteEngine(string directory)
        : base(directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        string file = Path.Combine(directory, "tasks.db");
        bool isThere = File.Exists(file);
        var builder = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false };
        _connection = new SqliteConnection(builder.ToString());
        _connection.Open();
        Run(Schema.Settings);
        Run(isThere ? Schema.ReadByMap : Schema.Create);
        _insert = new SqlInsert(_connection);
    }

    internal override string Name => "SQLite";

    internal override void Update(IReadOnlyList<TaskInput> tasks, long now) => _insert.Store(tasks);

    /// <summary>The nearest thing to an apply: the write-ahead log goes into the database.</summary>
    internal override void Apply() => Run("PRAGMA wal_checkpoint(TRUNCATE)");

    internal override void Settle()
    {
        Run("ANALYZE");
        Run(Schema.ReadByMap);
        Apply();
    }

    internal override Answer List(TaskQuery query, bool withTotal)
    {
        var filter = new SqlFilter(query, NamesWith);
        long? total = withTotal ? Scalar("SELECT COUNT(*) FROM tasks", filter) : null;
        if (query.After is { } after)
        {
            _ = UpidParts.TryParse(Encoding.UTF8.GetBytes(after), out UpidParts parts);
            filter.After(parts.Start, after);
        }

        SqliteCommand command = Prepared($"SELECT {Columns} FROM tasks{filter.Where} ORDER BY starttime DESC, upid LIMIT {query.Limit} OFFSET {query.Start}");
        filter.Bind(command);
        Utf8JsonWriter json = _answer.Begin();
        int count = 0;
        string? last = null;
        json.WriteStartArray();
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            last = rows.GetString(0);
            RowJson.Write(
                json, last, rows.GetString(1), rows.GetString(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5), rows.GetString(6),
                Text(rows, 7), rows.GetString(8), rows.IsDBNull(9) ? null : rows.GetInt64(9), Text(rows, 10));
            count++;
        }

        json.WriteEndArray();
        return new Answer(_answer.Bytes, count, last, total);
    }

    internal override ReadOnlyMemory<byte> Statistics(TaskQuery query)
    {
        var filter = new SqlFilter(query, NamesWith);
        SqliteCommand command = Prepared($"SELECT worker_type, remote, class, COUNT(*) FROM tasks{filter.Where} GROUP BY worker_type, remote, class");
        filter.Bind(command);
        var table = new StatisticsTable();
        using (SqliteDataReader rows = command.ExecuteReader())
        {
            while (rows.Read())
                table.Add(rows.GetString(0), rows.GetString(1), rows.GetInt32(2), rows.GetInt64(3));
        }

        table.Write(_answer.Begin());
        return _answer.Bytes;
    }

    internal override long Count(TaskQuery query) => Scalar("SELECT COUNT(*) FROM tasks", new SqlFilter(query, NamesWith));

    public override void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _insert.Dispose();
        _answer.Dispose();
        _connection.Dispose();
    }

    private static string? Text(SqliteDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

    private List<string> NamesWith(string table, string part)
    {
        SqliteCommand command = Prepared($"SELECT name FROM {table} WHERE instr(name, $p0) > 0");
        if (command.Parameters.Count == 0)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$p0" });
        command.Parameters[0].Value = part;
        var names = new List<string>();
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
            names.Add(rows.GetString(0));
        return names;
    }

    private long Scalar(string select, SqlFilter filter)
    {
        SqliteCommand command = Prepared(select + filter.Where);
        filter.Bind(command);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Prepared(string sql)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _commands[sql] = command;
        }

        return command;
    }

    private void Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
