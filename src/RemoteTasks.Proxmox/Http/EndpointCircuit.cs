using Polly;
using Polly.CircuitBreaker;

namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Leaves an endpoint alone that failed several times with no success in between: callers learn at once what they would otherwise wait for, and a host
/// that is starting up, or drowning, is not asked for more. An answer, good or bad, is no failure of the endpoint.
/// </summary>
internal sealed class EndpointCircuit
{
    private const int FailuresMin = 3;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly CircuitBreakerManualControl _control = new();
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;

    internal EndpointCircuit(ProxmoxClientOptions options)
    {
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = options.BreakClock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ProxmoxException>(error => error.Stage != RequestStage.Answered),
                FailureRatio = 1,
                MinimumThroughput = FailuresMin,
                SamplingDuration = Window,
                BreakDurationGenerator = arguments => ValueTask.FromResult(Longer(options, arguments.HalfOpenAttempts)),
                ManualControl = _control,
                StateProvider = _state,
            })
            .Build();
    }

    /// <summary>Whether the endpoint is left alone now.</summary>
    internal bool IsOpen => _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    /// <summary>Makes a call, unless the endpoint is left alone.</summary>
    /// <exception cref="BrokenCircuitException">It is; the exception inside says what failed last.</exception>
    internal async Task<HttpAnswer> RunAsync(Func<CancellationToken, Task<HttpAnswer>> call, CancellationToken ct) =>
        await _pipeline.ExecuteAsync(async token => await call(token), ct);

    /// <summary>The next call is made in any case.</summary>
    internal void Close() => _control.CloseAsync().GetAwaiter().GetResult();

    private static TimeSpan Longer(ProxmoxClientOptions options, int attempts) =>
        attempts >= 16 ? options.BreakMax : TimeSpan.FromTicks(Math.Min(options.BreakMax.Ticks, options.Break.Ticks << attempts));
}
