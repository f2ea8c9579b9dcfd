using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Server.Security;

/// <summary>A small JSON file with secrets in the data directory: its owner's alone, replaced as a whole, so that a daemon may read it at any moment.</summary>
internal static class SecretJson
{
    private const int BytesMax = 1 << 20;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 16,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Null: the file is not there.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    internal static T? Load<T>(string path)
        where T : class
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

            // Of the open file, not of the name, which another may have meanwhile.
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
                throw new IOException($"'{path}' can be read by others. Run: chmod 600 '{path}'");
            if (file.Length > BytesMax)
                throw new IOException($"'{path}' is larger than {BytesMax >> 20} MiB.");
            return JsonSerializer.Deserialize<T>(file, Json) ?? throw new JsonException();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException error)
        {
            throw new IOException(
                $"'{path}' is not as remote-tasks writes it{(error.LineNumber is { } line ? $", in line {line + 1}" : "")}. Mend it, or remove it and make anew what was in it.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"'{path}' may not be read by this user. It belongs to the user who runs the daemon.", error);
        }
    }

    /// <exception cref="IOException">It is as it was.</exception>
    internal static void Save<T>(string path, T content) => PrivateFile.Replace(path, [.. JsonSerializer.SerializeToUtf8Bytes(content, Json), (byte)'\n']);
}
