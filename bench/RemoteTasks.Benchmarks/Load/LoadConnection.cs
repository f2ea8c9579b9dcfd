using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>
/// One client on a connection that stays open: as little HTTP/1.1 as will do, so that the processor is left to the daemon. What it gets
/// is not decoded, but its status, length and beginning are looked at.
/// </summary>
internal sealed class LoadConnection(IPEndPoint daemon, string token) : IDisposable
{
    private const int TimeoutMilliseconds = 10_000;
    private const int StatusAt = 9;

    private readonly string _headers = $" HTTP/1.1\r\nHost: {daemon}\r\nAuthorization: Bearer {token}\r\n";
    private readonly byte[] _request = new byte[4096];
    private byte[] _answer = new byte[64 << 10];
    private Socket? _socket;

    /// <summary>Of the last answer that had one.</summary>
    internal string? Tag { get; private set; }

    /// <summary>Whether a good answer came; whether it was that the copy is still good.</summary>
    internal bool TryAsk(string path, string? tag, out bool isNotModified)
    {
        isNotModified = false;
        try
        {
            Socket socket = _socket ??= Connect();
            int length = Encoding.ASCII.GetBytes($"GET {path}{_headers}{(tag is null ? "" : $"If-None-Match: {tag}\r\n")}\r\n", _request);
            for (int sent = 0; sent < length;)
                sent += socket.Send(_request.AsSpan(sent, length - sent));
            if (TryReceive(socket, tag, out isNotModified))
                return true;
        }
        catch (SocketException)
        {
            // Counted as an error by who asked.
        }

        Dispose();
        return false;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private Socket Connect()
    {
        var socket = new Socket(daemon.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true, ReceiveTimeout = TimeoutMilliseconds, SendTimeout = TimeoutMilliseconds,
        };
        socket.Connect(daemon);
        return socket;
    }

    private bool TryReceive(Socket socket, string? tag, out bool isNotModified)
    {
        isNotModified = false;
        int received = 0;
        int head;
        while ((head = _answer.AsSpan(0, received).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!TryReceiveMore(socket, ref received))
                return false;
        }

        ReadOnlySpan<byte> headers = _answer.AsSpan(0, head + 2);
        if (Header(headers, "\r\nETag: "u8) is { } newTag)
            Tag = newTag;
        ReadOnlySpan<byte> status = headers[StatusAt..];
        isNotModified = status.StartsWith("304 "u8);
        if (isNotModified)
            return tag is not null && received == head + 4;
        if (!status.StartsWith("200 "u8) || !int.TryParse(Header(headers, "\r\nContent-Length: "u8), out int length))
            return false;
        int end = head + 4 + length;
        while (received < end)
        {
            if (!TryReceiveMore(socket, ref received))
                return false;
        }

        return received == end && _answer.AsSpan(head + 4).StartsWith("{\"data\":["u8) && _answer[end - 1] == (byte)'}';
    }

    private bool TryReceiveMore(Socket socket, ref int received)
    {
        if (received == _answer.Length)
            Array.Resize(ref _answer, 2 * _answer.Length);
        int count = socket.Receive(_answer.AsSpan(received));
        received += count;
        return count > 0;
    }

    private static string? Header(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        int at = headers.IndexOf(name);
        if (at < 0)
            return null;
        ReadOnlySpan<byte> value = headers[(at + name.Length)..];
        return Encoding.ASCII.GetString(value[..value.IndexOf((byte)'\r')]);
    }
}
