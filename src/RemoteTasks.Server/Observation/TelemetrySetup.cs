using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Observation;

/// <summary>Who listens: Prometheus, when it asks; and a collector, when one is named.</summary>
internal static class TelemetrySetup
{
    // Room for that many series is made for each instrument when the daemon starts. Those of the framework have few; its client would have some for each endpoint.
    private const int FrameworkSeriesMax = 100;

    internal static void AddTelemetry(this IServiceCollection services, Uri? collector)
    {
        services.AddSingleton<Gauges>();
        OpenTelemetry.OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("remote-tasks", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Telemetry.Name).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter()
                    .AddView(instrument => instrument.Meter.Name == Telemetry.Name ? null : new MetricStreamConfiguration { CardinalityLimit = FrameworkSeriesMax });
                if (collector is not null)
                    metrics.AddOtlpExporter(exporter => exporter.Endpoint = collector);
            });
        if (collector is null)
            return;
        telemetry.WithTracing(traces => traces
            .AddSource(Telemetry.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddOtlpExporter(exporter => exporter.Endpoint = collector));
    }

    /// <summary>As everything else, only for who has signed in.</summary>
    internal static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        _ = routes.ServiceProvider.GetRequiredService<Gauges>();
        routes.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(Policies.Read);
    }
}
