using RemoteTasks.Proxmox.Answers;

namespace RemoteTasks.Proxmox.Http;

/// <summary>Words for what can go wrong with one endpoint, below HTTP statuses (those are in <see cref="StatusErrors"/>).</summary>
internal sealed class EndpointErrors(RemoteDefinition remote, RemoteEndpoint endpoint, Redaction redaction)
{
    private string CertificateCommand => remote.Type == RemoteType.Pve ? "pvenode cert info" : "proxmox-backup-manager cert info";

    internal ProxmoxException NotConnected(HttpRequestException cause) =>
        Make(ProxmoxErrorKind.Unreachable, RequestStage.Connecting, $"cannot be connected: {Reason(cause)}",
            "Check that the host is up, that name and port are right, and that no firewall is between.", cause);

    internal ProxmoxException NoTls(HttpRequestException cause) =>
        Make(ProxmoxErrorKind.Unreachable, RequestStage.Connecting, $"the TLS handshake failed: {Reason(cause)}",
            $"Check that this is the port of the API ({RemoteEndpoint.DefaultPort(remote.Type)} unless changed) and that it speaks TLS 1.2 or 1.3.", cause);

    internal ProxmoxException CertificateRefused(string refusal, Exception cause) =>
        Make(ProxmoxErrorKind.Certificate, RequestStage.Connecting, refusal,
            $"If the certificate was renewed, compare the found fingerprint with what '{CertificateCommand}' prints on the host itself, "
            + "and only if they are equal write it into the remote's definition. Otherwise someone may be in between: do not accept it.", cause);

    internal ProxmoxException TimedOut(RequestStage stage, TimeSpan limit, HttpMethod method, Exception cause) =>
        stage == RequestStage.Connecting
            ? Make(ProxmoxErrorKind.Timeout, stage, $"no connection within {limit.TotalSeconds:0.###} s",
                "Check that the host is up and that no firewall drops the packets.", cause)
            : Make(ProxmoxErrorKind.Timeout, stage, $"no complete answer within {limit.TotalSeconds:0.###} s{Doubt(method)}",
                "The host or the node asked for may be overloaded or half dead: look at its load and its cluster state.", cause);

    internal ProxmoxException LeftAlone(ProxmoxException? last, Exception cause) =>
        Make(last?.Kind ?? ProxmoxErrorKind.Unreachable, RequestStage.Connecting,
            $"left alone for a while, after several failures in a row; the last: {last?.Cause ?? "unknown"}", last?.Remedy ?? "Wait, or refresh it.", cause);

    internal ProxmoxException Broken(HttpMethod method, Exception cause) =>
        Make(ProxmoxErrorKind.Unreachable, RequestStage.Exchanging, $"the connection broke before the answer was complete: {Reason(cause)}{Doubt(method)}",
            "Usually its service was restarted; if it goes on, look at its system log.", cause);

    internal ProxmoxException TooLarge(long bytesMax, int status) =>
        new(ProxmoxErrorKind.AnswerTooLarge, remote.Id, $"endpoint {endpoint}: the answer is larger than {bytesMax} bytes",
            "Ask for fewer rows or lines at a time.", status);

    internal ProxmoxException BadAnswer(string what, Exception? cause) => BadAnswer(remote, endpoint.ToString(), what, redaction.Apply(cause));

    internal static ProxmoxException BadAnswer(RemoteDefinition remote, string endpoint, string what, Exception? cause) =>
        new(ProxmoxErrorKind.BadAnswer, remote.Id, $"endpoint {endpoint}: {RemoteText.Clean(what)}",
            $"Check that this is the API of a {remote.Type.ToString().ToUpperInvariant()} host and not a proxy or another service.", cause: cause);

    internal ProxmoxException Status(int status, string? reasonPhrase, byte[] body, HttpMethod method)
    {
        redaction.Apply(body.AsSpan());
        var error = new ErrorText(status, redaction.Apply(reasonPhrase ?? ""), body);
        (ProxmoxErrorKind kind, string remedy) = StatusErrors.Judge(error, remote, method);
        string text = error.Text.Length == 0 ? "" : $" ({redaction.Apply(error.Text)})";
        return new ProxmoxException(kind, remote.Id, $"endpoint {endpoint}: it answered {status}{text}", remedy, status);
    }

    private ProxmoxException Make(ProxmoxErrorKind kind, RequestStage stage, string what, string remedy, Exception cause) =>
        new(kind, remote.Id, $"endpoint {endpoint}: {redaction.Apply(what)}", remedy, statusCode: null, redaction.Apply(cause)) { Stage = stage, Cause = redaction.Apply(what) };

    private static string Doubt(HttpMethod method) => method == HttpMethod.Get ? "" : "; whether the request was carried out is not known";

    private static string Reason(Exception e) => RemoteText.Clean(e.GetBaseException().Message).TrimEnd('.');
}
