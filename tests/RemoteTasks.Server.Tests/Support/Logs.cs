using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>Keeps everything that is logged, exceptions with all that is inside them.</summary>
internal sealed class Logs : ILoggerProvider, ILogger
{
    internal ConcurrentQueue<(LogLevel Level, string Text)> Entries { get; } = new();

    /// <summary>What is no ordinary message.</summary>
    internal IEnumerable<string> Errors => Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((logLevel, $"{logLevel} {formatter(state, exception)} {exception}"));

    public void Dispose()
    {
        // It holds nothing.
    }
}
