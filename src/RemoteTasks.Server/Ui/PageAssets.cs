using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Ui;

/// <summary>
/// Scripts and styles, which lie in this assembly. Asked for with the version they are kept by browsers for good; the component library
/// asks for its own without one.
/// </summary>
internal sealed class PageAssets
{
    private const string Prefix = "ui/";
    private const int VersionBytes = 8;

    private readonly Dictionary<string, Lazy<Asset>> _assets;

    public PageAssets()
    {
        System.Reflection.Assembly assembly = typeof(PageAssets).Assembly;
        string[] names = [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        _assets = names.ToDictionary(name => name[Prefix.Length..], name => new Lazy<Asset>(() => Asset.Read(assembly, name)), StringComparer.Ordinal);

        // Another build has other assets: its module version is new with every change.
        Version = Convert.ToHexStringLower(SHA256.HashData(assembly.ManifestModule.ModuleVersionId.ToByteArray()).AsSpan(0, VersionBytes));
    }

    /// <summary>Changes with every build.</summary>
    internal string Version { get; }

    /// <summary>Where an asset is, relative to the base of the page.</summary>
    internal string UrlOf(string path) =>
        _assets.ContainsKey(path) ? $"{Prefix}{Version}/{path}" : throw new ArgumentException($"There is no asset '{path}'.", nameof(path));

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet($"/{Prefix}{{version}}/{{**path}}", (string version, string path, HttpContext context) =>
            SendAsync(context, path, version == Version ? "private, max-age=31536000, immutable" : "private, no-cache"))
            .ExcludeFromDescription().RequireAuthorization(Policies.Read);
        routes.MapGet("/_content/{**path}", (string path, HttpContext context) => SendAsync(context, $"_content/{path}", "private, no-cache"))
            .ExcludeFromDescription().RequireAuthorization(Policies.Read);
    }

    private async Task SendAsync(HttpContext context, string path, string caching)
    {
        if (!_assets.TryGetValue(path, out Lazy<Asset>? found))
        {
            await Api.ApiError.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such file.");
            return;
        }

        Asset asset = found.Value;
        HttpResponse response = context.Response;
        response.Headers.CacheControl = caching;
        response.Headers.ETag = $"\"{Version}\"";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (context.Request.Headers.IfNoneMatch == response.Headers.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        bool isCompressed = context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase);
        byte[] body = isCompressed ? asset.Compressed : asset.Plain;
        if (isCompressed)
            response.Headers.ContentEncoding = "br";
        response.ContentType = asset.ContentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>One file, as it is and made small.</summary>
    private sealed record Asset(string ContentType, byte[] Plain, byte[] Compressed)
    {
        internal static Asset Read(System.Reflection.Assembly assembly, string name)
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] plain = new byte[stream.Length];
            stream.ReadExactly(plain);
            using var compressed = new MemoryStream();
            using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
                brotli.Write(plain);
            return new Asset(TypeOf(name), plain, compressed.ToArray());
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            string other => throw new InvalidOperationException($"Assets do not end in '{other}'."),
        };
    }
}
