using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>An HTTP server that is no daemon: the same answer to everything.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    internal Stranger(string type, string body)
    {
        _listener.Start();
        Url = $"http://{_listener.LocalEndpoint}/";
        _serving = ServeAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
    }

    internal string Url { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[16 << 10]);
                await stream.WriteAsync(answer);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The test is over: who asks a listener that has been stopped hears that he should have started it.
        }
    }
}
