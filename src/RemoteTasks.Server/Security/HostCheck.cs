using System.Net;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Server.Security;

/// <summary>
/// Answers to its own names alone. A page from elsewhere whose name was made to lead to this machine (DNS rebinding) would otherwise be of the same
/// origin as this daemon, in a browser that may reach it.
/// </summary>
internal sealed class HostCheck(RequestDelegate next, ServerOptions options)
{
    private readonly HashSet<string> _names = new(
        [.. options.Web.Hosts, .. options.Web.PublicUrl is { } url ? (string[])[url.Host] : []], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        string host = context.Request.Host.Host;
        return IsOwn(host) ? next(context) : ApiError.WriteAsync(
            context,
            StatusCodes.Status400BadRequest,
            $"This daemon does not answer to the name '{ClientText.Name(host)}'. If it should, start it with --public-url or --allow-host.");
    }

    /// <summary>Who sends no name at all is no browser. An address cannot be made to lead elsewhere.</summary>
    private bool IsOwn(string host)
    {
        if (host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || _names.Contains(host))
            return true;
        if (!IPAddress.TryParse(host, out IPAddress? address))
            return false;
        IPAddress listen = options.Listen.Address;
        return IPAddress.IsLoopback(address) || listen.Equals(address) || listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any);
    }
}
