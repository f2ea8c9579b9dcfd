using System.Text;
using System.Text.Encodings.Web;

namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Takes the token's secret out of what its remote sends back, before anything is made of it: a remote (or a proxy before it) that repeats the header it was sent
/// must not bring it into lists, messages or logs. It does so in the forms in which it is sent and in which JSON may write it; the length stays.
/// </summary>
internal sealed class Redaction
{
    // Tokens have 36 characters. What is much shorter may be a word of any answer.
    private const int CharactersMin = 8;

    private readonly string[] _forms;
    private readonly byte[][] _bytes;

    internal Redaction(RemoteDefinition remote)
    {
        string secret = remote.Token.Reveal();
        _forms = secret.Length < CharactersMin ? [] :
        [
            .. ((string[])[secret, Uri.EscapeDataString(secret), JavaScriptEncoder.Default.Encode(secret), secret.Replace("/", @"\/", StringComparison.Ordinal)])
                .Distinct(StringComparer.Ordinal),
        ];
        _bytes = [.. _forms.Select(Encoding.ASCII.GetBytes)];
    }

    /// <summary>Overwrites it.</summary>
    internal void Apply(Span<byte> answer)
    {
        foreach (byte[] form in _bytes)
        {
            Span<byte> rest = answer;
            for (int at = rest.IndexOf(form); at >= 0; at = rest.IndexOf(form))
            {
                rest.Slice(at, form.Length).Fill((byte)'*');
                rest = rest[(at + form.Length)..];
            }
        }
    }

    internal string Apply(string text) => _forms.Aggregate(text, static (text, form) => text.Replace(form, "***", StringComparison.Ordinal));

    /// <summary>The exception, unless it repeats the secret: what is inside an exception cannot be changed.</summary>
    internal Exception? Apply(Exception? cause) =>
        cause is not null && _forms.Any(form => cause.ToString().Contains(form, StringComparison.Ordinal)) ? null : cause;
}
