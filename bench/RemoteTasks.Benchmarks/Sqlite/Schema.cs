namespace RemoteTasks.Benchmarks.Sqlite;

/// <summary>
/// One table, an index for each filter with the start time behind it, so that the newest rows of any filter are read in order and
/// equal starts alone are sorted; the distinct users and types beside it, so that a part of a name becomes a list of names; two small
/// indexes of what did not end OK, and one covering index for the statistics that a dashboard asks for every few seconds (in the
/// order of the groups: led by the start time it is passed over by the planner, and slower when forced).
/// </summary>
internal static class Schema
{
    internal const string Settings = """
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA cache_size=-65536;
        PRAGMA temp_store=MEMORY;
        """;

    /// <summary>Once the data is there: reading without copying.</summary>
    internal const string ReadByMap = "PRAGMA mmap_size=8589934592";

    internal const string Create = """
        CREATE TABLE tasks(
            id INTEGER PRIMARY KEY, starttime INTEGER NOT NULL, upid TEXT NOT NULL, remote TEXT NOT NULL, node TEXT NOT NULL,
            pid INTEGER NOT NULL, pstart INTEGER NOT NULL, worker_type TEXT NOT NULL, worker_id TEXT, user TEXT NOT NULL,
            endtime INTEGER, status TEXT, class INTEGER NOT NULL, guest INTEGER);
        CREATE UNIQUE INDEX by_start ON tasks(starttime DESC, upid);
        CREATE INDEX by_remote ON tasks(remote, starttime DESC);
        CREATE INDEX by_node ON tasks(node, starttime DESC);
        CREATE INDEX by_user ON tasks(user, starttime DESC);
        CREATE INDEX by_type ON tasks(worker_type, starttime DESC);
        CREATE INDEX by_class ON tasks(class, starttime DESC) WHERE class <> 1;
        CREATE INDEX not_ok ON tasks(starttime DESC, upid) WHERE class <> 1;
        CREATE INDEX by_guest ON tasks(guest, starttime DESC) WHERE guest IS NOT NULL;
        CREATE INDEX counts ON tasks(worker_type, remote, class, starttime);
        CREATE TABLE users(name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE types(name TEXT PRIMARY KEY) WITHOUT ROWID;
        """;

    internal const string Insert = """
        INSERT INTO tasks(starttime, upid, remote, node, pid, pstart, worker_type, worker_id, user, endtime, status, class, guest)
        VALUES ($starttime, $upid, $remote, $node, $pid, $pstart, $worker_type, $worker_id, $user, $endtime, $status, $class, $guest)
        ON CONFLICT(starttime, upid) DO UPDATE SET endtime = excluded.endtime, status = excluded.status, class = excluded.class
        WHERE excluded.endtime IS NOT NULL
        """;

    internal static readonly string[] Parameters =
    [
        "$starttime", "$upid", "$remote", "$node", "$pid", "$pstart", "$worker_type", "$worker_id", "$user", "$endtime", "$status", "$class", "$guest",
    ];
}
