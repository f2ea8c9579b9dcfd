using System.Text;
using Microsoft.Data.Sqlite;
using RemoteTasks.Benchmarks.Data;

namespace RemoteTasks.Benchmarks.Sqlite;

/// <summary>Stores tasks through prepared statements.</summary>
internal sealed class SqlInsert : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _task;
    private readonly SqliteParameter[] _values;
    private readonly Dictionary<string, (SqliteCommand Command, HashSet<string> Known)> _names = [];

    internal SqlInsert(SqliteConnection connection)
    {
        _connection = connection;
        _task = connection.CreateCommand();
        _task.CommandText = Schema.Insert;
        _values = [.. Schema.Parameters.Select(name => _task.Parameters.Add(new SqliteParameter { ParameterName = name }))];
        foreach (string table in (string[])["users", "types"])
        {
            SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"INSERT OR IGNORE INTO {table}(name) VALUES ($name)";
            command.Parameters.Add(new SqliteParameter { ParameterName = "$name" });
            _names[table] = (command, []);
        }
    }

    /// <summary>All in one transaction.</summary>
    internal void Store(IReadOnlyList<TaskInput> tasks)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        _task.Transaction = transaction;
        foreach (TaskInput task in tasks)
            Store(task, transaction);
        transaction.Commit();
    }

    public void Dispose()
    {
        _task.Dispose();
        foreach ((SqliteCommand command, _) in _names.Values)
            command.Dispose();
    }

    private void Store(in TaskInput task, SqliteTransaction transaction)
    {
        byte[] upid = Encoding.UTF8.GetBytes(task.Upid);
        _ = UpidParts.TryParse(upid, out UpidParts parts);
        Span<byte> buffer = stackalloc byte[parts.WorkerId.Length];
        ReadOnlySpan<byte> shown = ShownId.Of(parts.WorkerId, parts.IsBackupServer, buffer);
        string type = Encoding.UTF8.GetString(parts.WorkerType);
        string user = Encoding.UTF8.GetString(parts.User);
        object?[] values =
        [
            task.Start, task.Upid, Encoding.UTF8.GetString(parts.Remote), Encoding.UTF8.GetString(parts.Node), parts.Pid, parts.PStart, type,
            shown.IsEmpty ? null : Encoding.UTF8.GetString(shown), user, task.End, task.Status,
            (long)StatusText.ClassOf(task.End, task.Status), ShownId.Guest(shown, parts.IsBackupServer),
        ];
        for (int i = 0; i < values.Length; i++)
            _values[i].Value = values[i] ?? DBNull.Value;
        _task.ExecuteNonQuery();
        Remember("users", user, transaction);
        Remember("types", type, transaction);
    }

    private void Remember(string table, string name, SqliteTransaction transaction)
    {
        (SqliteCommand command, HashSet<string> known) = _names[table];
        if (!known.Add(name))
            return;
        command.Transaction = transaction;
        command.Parameters[0].Value = name;
        command.ExecuteNonQuery();
    }
}
