using Microsoft.FluentUI.AspNetCore.Components;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Ui.Live;
using RemoteTasks.Server.Ui.Tasks;

namespace RemoteTasks.Server.Ui;

/// <summary>Puts the page together: components that run here, and what browsers load for them.</summary>
internal static class PageSetup
{
    // What a browser may hold back when it does not confirm what it was sent; a closed page is forgotten soon.
    private static readonly TimeSpan KeptDisconnected = TimeSpan.FromMinutes(2);

    internal static void AddPage(this IServiceCollection services)
    {
        services.AddSingleton<PageAssets>();
        services.AddSingleton<CacheChanges>();
        services.AddSingleton<Summaries>();
        services.AddScoped<PageVisibility>();
        services.AddFluentUIComponents();
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            circuit.DisconnectedCircuitMaxRetained = 100;
            circuit.DisconnectedCircuitRetentionPeriod = KeptDisconnected;
        });
    }

    internal static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<PageAssets>().Map(routes);
        TaskExport.Map(routes);
        routes.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = "'none'")
            .RequireAuthorization(Policies.Read);
    }
}
