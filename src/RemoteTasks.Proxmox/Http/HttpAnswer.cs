namespace RemoteTasks.Proxmox.Http;

/// <summary>A good answer, not yet understood.</summary>
/// <param name="Endpoint">Who gave it, for messages.</param>
/// <param name="Body">Decompressed.</param>
/// <param name="RemoteTime">Of the Date header, seconds since the epoch.</param>
internal sealed record HttpAnswer(string Endpoint, ReadOnlyMemory<byte> Body, long? RemoteTime);

/// <summary>What to ask for.</summary>
/// <param name="Method">GET or DELETE.</param>
/// <param name="PathAndQuery">Escaped, from the root; goes over the wire as it is.</param>
/// <param name="BytesMax">Of the body.</param>
internal sealed record ApiRequest(HttpMethod Method, string PathAndQuery, long BytesMax);
