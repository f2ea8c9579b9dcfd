using System.CommandLine.Parsing;

namespace RemoteTasks.Cli;

/// <summary>What the parser of the command line objects to, in words for people who know nothing of types.</summary>
internal static class UsageErrors
{
    internal static string Explain(ParseError error)
    {
        if (error.SymbolResult is OptionResult { Option: { } option, Tokens: [{ Value: { } text }] } && Kind(option.ValueType) is { } kind
            && error.Message.Contains(option.ValueType.ToString(), StringComparison.Ordinal))
            return $"{option.Name}: '{text}' is not {kind}.";
        return string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>What the libraries object to, without the runtime's word on parameters.</summary>
    internal static string Explain(ArgumentException error) => error.Message.Split(" (Parameter", 2)[0];

    private static string? Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { } whole when whole == typeof(int) || whole == typeof(long) => "a whole number, or too large",
        { } number when number == typeof(double) => "a number",
        _ => null,
    };
}
