using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// Reads lines into <see cref="TaskLine"/>. One parser serves one reader: what had to be unescaped lies in the parser's
/// own memory and is valid until its next line.
/// </summary>
internal sealed class LineParser
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    private byte[] _upid = new byte[256];
    private byte[] _status = new byte[256];

    /// <summary>Understands one line; otherwise <paramref name="problem"/> says why not.</summary>
    internal bool TryParse(ReadOnlyMemory<byte> bytes, out TaskLine line, [NotNullWhen(false)] out string? problem)
    {
        line = default;
        if (bytes.Length > Limits.LineBytesMax)
            return Fail("the line is too long", out problem);
        if (!Utf8.IsValid(bytes.Span))
            return Fail("the line is not UTF-8", out problem);
        if (PlainLine.TryRead(bytes, out line))
            return Checked(ref line, out problem);

        // Whole files of blanks, zeros or rubbish are found out without an exception a line. Blanks around the object are no part of the task's line.
        ReadOnlyMemory<byte> text = bytes.Trim(" \t\r\n"u8);
        if (text.Length < 2 || text.Span[0] != (byte)'{' || text.Span[^1] != (byte)'}')
            return Fail("the line is not a JSON object", out problem);
        try
        {
            return TryRead(text, out line, out problem);
        }
        catch (JsonException)
        {
            return Fail("the line is not a JSON object", out problem);
        }
        catch (InvalidOperationException)
        {
            return Fail("the line has a string with a lone surrogate", out problem);
        }
    }

    private static bool Fail(string reason, out string problem)
    {
        problem = reason;
        return false;
    }

    private bool TryRead(ReadOnlyMemory<byte> bytes, out TaskLine line, [NotNullWhen(false)] out string? problem)
    {
        line = default;
        ReadOnlyMemory<byte> upid = default;
        ReadOnlyMemory<byte> status = default;
        bool hasUpid = false;
        bool hasStatus = false;
        long? starttime = null;
        long? endtime = null;

        var reader = new Utf8JsonReader(bytes.Span, Options);

        // It begins with a brace. What is not JSON, or ends too early, is an exception.
        reader.Read();
        for (reader.Read(); reader.TokenType == JsonTokenType.PropertyName; reader.Read())
        {
            if (reader.ValueTextEquals("upid"u8))
            {
                hasUpid = ReadString(bytes, ref reader, ref _upid, out upid);
                if (!hasUpid)
                    return Fail("the member upid is not a string", out problem);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                if (!ReadString(bytes, ref reader, ref _status, out status) && reader.TokenType != JsonTokenType.Null)
                    return Fail("the member status is not a string", out problem);
                hasStatus = reader.TokenType == JsonTokenType.String;
            }
            else if (reader.ValueTextEquals("starttime"u8))
            {
                if (!ReadSeconds(ref reader, out starttime) || starttime is null)
                    return Fail("the member starttime is not a whole number of seconds", out problem);
            }
            else if (reader.ValueTextEquals("endtime"u8))
            {
                if (!ReadSeconds(ref reader, out endtime))
                    return Fail("the member endtime is not a whole number of seconds", out problem);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // And so is what stands behind the object.
        reader.Read();
        if (!hasUpid || starttime is null)
            return Fail(hasUpid ? "the member starttime is missing" : "the member upid is missing", out problem);
        line = new TaskLine
        {
            Bytes = bytes,
            Upid = upid,
            StartTime = starttime.Value,
            EndTime = endtime,
            Status = status,
            HasStatus = hasStatus,
        };
        return Checked(ref line, out problem);
    }

    /// <summary>Reads the UPID of a line whose members are known; it must agree with them.</summary>
    internal static bool Checked(ref TaskLine line, [NotNullWhen(false)] out string? problem)
    {
        if (!UpidFields.TryParse(line.Upid.Span, out UpidFields fields, out problem))
            return false;
        if (fields.StartTime != line.StartTime)
            return Fail($"starttime {line.StartTime} is not the one in the UPID ({fields.StartTime})", out problem);
        if (fields.IsTyped)
        {
            line = line with { Fields = fields };
            return true;
        }

        byte[] upid = WithKind(line.Upid.Span, fields.IsBackupServer);
        _ = UpidFields.TryParse(upid, out fields, out _);
        line = line with { Upid = upid, Fields = fields, IsOldForm = true };
        return true;
    }

    /// <summary>A string member's value: a part of the line itself where nothing is escaped, else a copy.</summary>
    private static bool ReadString(
        ReadOnlyMemory<byte> bytes, ref Utf8JsonReader reader, ref byte[] scratch, out ReadOnlyMemory<byte> value)
    {
        value = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (!reader.ValueIsEscaped)
        {
            value = bytes.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            return true;
        }

        if (scratch.Length < reader.ValueSpan.Length)
            scratch = new byte[reader.ValueSpan.Length * 2];
        int length = reader.CopyString(scratch);
        value = scratch.AsMemory(0, length);
        return true;
    }

    private static bool ReadSeconds(ref Utf8JsonReader reader, out long? seconds)
    {
        seconds = null;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.Number || !Utf8Parser.TryParse(reader.ValueSpan, out long value, out int used)
            || used != reader.ValueSpan.Length)
            return false;
        seconds = value;
        return true;
    }

    private static byte[] WithKind(ReadOnlySpan<byte> upid, bool isBackupServer)
    {
        byte[] typed = new byte[upid.Length + 4];
        (isBackupServer ? "pbs:"u8 : "pve:"u8).CopyTo(typed);
        upid.CopyTo(typed.AsSpan(4));
        return typed;
    }
}
