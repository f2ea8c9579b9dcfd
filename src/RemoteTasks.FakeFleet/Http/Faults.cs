using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>Answers as a remote does with which something is wrong.</summary>
internal static class Faults
{
    private const int PieceBytes = 64 << 10;
    private const string Nasty = "\u001b[2J\u001b]0;owned\u0007\r\n\u202e";

    /// <summary>Answers in the manner of a fault; false when the right answer is to be given, perhaps to another stream.</summary>
    internal static async Task<bool> AnswerAsync(HttpContext context, FakeFault fault, bool pbs)
    {
        switch (fault.Kind)
        {
            case FakeFaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                return true;
            case FakeFaultKind.Drop:
                context.Abort();
                return true;
            case FakeFaultKind.Rubbish:
                await PourAsync(context, fault.Bytes);
                return true;
            case FakeFaultKind.WrongTypes:
                await Wire.SendAsync(context, Wire.JsonType, Encoding.UTF8.GetBytes(
                    """{"data":[{"upid":7,"node":["x"],"starttime":"soon","endtime":{}},[],null,{"upid":"UPID:x"}],"total":"many"}"""), mayCompress: false);
                return true;
            case FakeFaultKind.Status:
                RefusalException refusal = fault.Text is { } text ? new RefusalException(fault.StatusCode, text) : Refusal(fault.StatusCode);
                await (pbs ? PbsWire.RefuseAsync(context, refusal, extJs: false) : PveWire.RefuseAsync(context, refusal, extJs: false));
                return true;
            default:
                Spoil(context, fault.Kind);
                return false;
        }
    }

    private static RefusalException Refusal(int status) => status switch
    {
        401 => new RefusalException(401, "Authentication failed!", empty: true),
        403 => new RefusalException(403, "Permission check failed (/, Sys.Audit)"),
        595 => new RefusalException(595, "No route to host", empty: true),
        596 => new RefusalException(596, "tls_process_server_certificate: certificate verify failed", empty: true),
        _ => new RefusalException(status, "got no worker upid - start worker failed"),
    };

    private static async Task PourAsync(HttpContext context, long bytes)
    {
        context.Response.ContentType = Wire.JsonType;
        byte[] piece = new byte[PieceBytes];
        Array.Fill(piece, (byte)'x');
        for (long sent = 0; sent < bytes; sent += piece.Length)
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
    }

    /// <summary>Lets the right answer pass through a stream that spoils it.</summary>
    private static void Spoil(HttpContext context, FakeFaultKind kind)
    {
        // A packed answer could not be spoilt in its midst.
        context.Request.Headers.AcceptEncoding = "";
        var spoilt = new SpoilingStream(context, isCut: kind == FakeFaultKind.CutBody);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(spoilt, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>()));
    }

    /// <summary>Of what is written, passes on half and then cuts; or puts something nasty into the texts of statuses.</summary>
    private sealed class SpoilingStream(HttpContext context, bool isCut) : MemoryStream
    {
        private readonly Stream inner = context.Response.Body;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (isCut)
            {
                await inner.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
                await inner.FlushAsync(cancellationToken);
                context.Abort();
                return;
            }

            string text = Encoding.UTF8.GetString(buffer.Span);
            string escaped = System.Text.Json.JsonEncodedText.Encode(Nasty).ToString();
            byte[] spoilt = Encoding.UTF8.GetBytes(text
                .Replace("\"status\":\"", "\"status\":\"" + escaped, StringComparison.Ordinal)
                .Replace("\"t\":\"", "\"t\":\"" + escaped, StringComparison.Ordinal));
            context.Response.ContentLength = spoilt.Length;
            await inner.WriteAsync(spoilt, cancellationToken);
        }
    }
}
