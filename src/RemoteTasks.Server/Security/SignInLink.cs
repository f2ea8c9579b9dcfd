using System.Net;

namespace RemoteTasks.Server.Security;

/// <summary>The address that signs in once.</summary>
internal static class SignInLink
{
    /// <param name="codes">Where its code is kept.</param>
    /// <param name="web">How browsers reach the daemon.</param>
    /// <param name="listens">Where it listens.</param>
    internal static Uri New(OneTimeCodes codes, WebOptions web, Uri listens)
    {
        var home = new UriBuilder(web.PublicUrl ?? listens);

        // Listening everywhere is no address that a browser can open.
        if (IPAddress.TryParse(home.Host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            home.Host = "localhost";
        home.Path = $"{home.Path.TrimEnd('/')}{SignInPage.OncePath}/{codes.Create()}";
        return home.Uri;
    }
}
