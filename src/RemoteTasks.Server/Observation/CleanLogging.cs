using System.Collections;

namespace RemoteTasks.Server.Observation;

/// <summary>Stands before every log, whatever its form: what reaches it is <see cref="CleanText"/>, messages, values and exceptions alike.</summary>
internal sealed class CleanLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new CleanLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();
}

internal sealed class CleanLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
            return;
        var clean = new CleanState(CleanText.Of(formatter(state, exception)), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []);
        inner.Log(logLevel, eventId, clean, exception is null ? null : new CleanException(exception), static (state, _) => state.ToString());
    }
}

/// <summary>A message and its values.</summary>
internal sealed class CleanState(string message, IReadOnlyList<KeyValuePair<string, object?>> values) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => values.Count;

    public KeyValuePair<string, object?> this[int index] => new(values[index].Key, Clean(values[index].Value));

    public override string ToString() => message;

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < values.Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object? Clean(object? value) => value switch
    {
        null or bool or (ValueType and IFormattable) => value,
        _ => CleanText.Of(value.ToString() ?? ""),
    };
}

/// <summary>An exception as a log shows it: lines begin where its stack has them, and nowhere in its messages.</summary>
internal sealed class CleanException(Exception original) : Exception(CleanText.Of(original.Message))
{
    public override string? StackTrace => original.StackTrace;

    public override string ToString() => Text(original, depth: 0);

    private static string Text(Exception error, int depth)
    {
        IEnumerable<Exception> inside = error is AggregateException several ? several.InnerExceptions : error.InnerException is { } inner ? [inner] : [];
        string causes = depth > 10 ? "" : string.Concat(inside.Select(cause => $"{Environment.NewLine} ---> {Text(cause, depth + 1)}"));
        return $"{error.GetType()}: {CleanText.Of(error.Message)}{causes}{(error.StackTrace is { } stack ? Environment.NewLine + stack : "")}";
    }
}
