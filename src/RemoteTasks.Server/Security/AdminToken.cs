using System.Security.Cryptography;
using System.Text;

namespace RemoteTasks.Server.Security;

/// <summary>
/// The token that opens everything, in a file that only the daemon's user may read. Made on the first start: 256 random bits. What is
/// compared are hashes, in constant time.
/// </summary>
internal sealed class AdminToken
{
    private const string Prefix = "rt_";
    private const int LengthMin = 20;

    private readonly byte[] _hash;

    private AdminToken(string token) => _hash = Hash(token);

    internal bool Is(string presented) => CryptographicOperations.FixedTimeEquals(_hash, Hash(presented));

    /// <summary>Reads the file, or makes it.</summary>
    /// <exception cref="IOException">The file cannot be used; the message says what to do.</exception>
    internal static AdminToken LoadOrCreate(string path)
    {
        // An empty one is what a power failure leaves of the first start: nobody has its token.
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            Create(path);
        UnixFileMode open = File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        if (open != UnixFileMode.None)
            throw new IOException($"The admin token '{path}' can be read by others. Run: chmod 600 '{path}'");
        string token = File.ReadAllText(path).Trim();
        return token.Length >= LengthMin
            ? new AdminToken(token)
            : throw new IOException($"The admin token '{path}' is too short to be safe. Remove the file: a new one is made at the next start.");
    }

    private static void Create(string path)
    {
        string token = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,

            // On the disk when it is written, so that the token that somebody was shown stays the token.
            Options = FileOptions.WriteThrough,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(token + "\n"));
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
