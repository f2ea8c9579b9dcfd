using System.Text.Json;
using RemoteTasks.Benchmarks.Data;

namespace RemoteTasks.Benchmarks.Engines;

/// <summary>One row of the answer: <c>{upid,remote,node,pid,pstart,starttime,worker_type,worker_id,user,endtime?,status?}</c>.</summary>
internal static class RowJson
{
    internal static void Write(
        Utf8JsonWriter json, string upid, string remote, string node, long pid, long pstart, long start, string type, string? id, string user, long? end, string? status)
    {
        json.WriteStartObject();
        json.WriteString("upid"u8, upid);
        json.WriteString("remote"u8, remote);
        json.WriteString("node"u8, node);
        json.WriteNumber("pid"u8, pid);
        json.WriteNumber("pstart"u8, pstart);
        json.WriteNumber("starttime"u8, start);
        json.WriteString("worker_type"u8, type);
        json.WriteString("worker_id"u8, id);
        json.WriteString("user"u8, user);
        if (end is { } endtime)
            json.WriteNumber("endtime"u8, endtime);
        if (status is not null)
            json.WriteString("status"u8, status);
        json.WriteEndObject();
    }

    /// <summary>The same from bytes, without making strings of them.</summary>
    internal static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> upid, in UpidParts parts, long? end, ReadOnlySpan<byte> status, bool hasStatus)
    {
        Span<byte> shown = stackalloc byte[parts.WorkerId.Length];
        json.WriteStartObject();
        json.WriteString("upid"u8, upid);
        json.WriteString("remote"u8, parts.Remote);
        json.WriteString("node"u8, parts.Node);
        json.WriteNumber("pid"u8, parts.Pid);
        json.WriteNumber("pstart"u8, parts.PStart);
        json.WriteNumber("starttime"u8, parts.Start);
        json.WriteString("worker_type"u8, parts.WorkerType);
        if (parts.WorkerId.IsEmpty)
            json.WriteNull("worker_id"u8);
        else
            json.WriteString("worker_id"u8, ShownId.Of(parts.WorkerId, parts.IsBackupServer, shown));
        json.WriteString("user"u8, parts.User);
        if (end is { } endtime)
            json.WriteNumber("endtime"u8, endtime);
        if (hasStatus)
            json.WriteString("status"u8, status);
        json.WriteEndObject();
    }
}
