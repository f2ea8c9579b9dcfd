using System.Diagnostics;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>
/// The secret of an API token. It is a type of its own, and no record, so that printing, logging or serialising whatever holds it
/// shows <c>***</c> and never the secret.
/// </summary>
[DebuggerDisplay("***")]
public sealed class ApiToken
{
    internal const int FileBytesMax = 4096;

    private const int CharactersMax = 512;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _secret;

    /// <summary>Takes the secret as the product printed it when the token was made.</summary>
    /// <param name="secret">1 to 512 visible ASCII characters, no blanks.</param>
    /// <exception cref="ArgumentException">It is empty, too long, or has a character that no token has. The text never repeats the secret.</exception>
    public ApiToken(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length is 0 or > CharactersMax)
            throw new ArgumentException($"A token secret has 1 to {CharactersMax} characters; this one has {secret.Length}.", nameof(secret));
        // A line break would let the secret end the header and begin another one.
        if (!secret.All(c => c is > ' ' and <= '~'))
            throw new ArgumentException("A token secret has visible ASCII characters only, and no blanks.", nameof(secret));
        _secret = secret;
    }

    /// <summary>Reads the secret from a file of its own, which its owner alone may read.</summary>
    /// <exception cref="IOException">It cannot be read, is too large, or others may read it; the message says what to do.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    /// <exception cref="ArgumentException">It holds no secret.</exception>
    public static ApiToken Load(string path)
    {
        SecretFile file = SecretFile.Read(path, FileBytesMax);
        return file.OthersMayRead ? throw new IOException($"Others may read '{path}'. Run: chmod 600 '{path}'") : new ApiToken(file.Text);
    }

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    internal string Reveal() => _secret;
}
