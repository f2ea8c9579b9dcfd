using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>
/// The query of a request against the closed schema of a call: unknown names and wrong values are gathered, and
/// <see cref="Check"/> refuses them all at once. Names are compared exactly, which the framework's own collection does not do.
/// </summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, List<string>> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> errors = new(StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly bool pbs;

    public Parameters(string? query, bool pbs)
    {
        this.pbs = pbs;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (!values.TryGetValue(name, out var list)) values[name] = list = [];
            list.Add(pair.DecodeValue().ToString());
        }
    }

    public string? Text(string name)
    {
        asked.Add(name);
        return values.TryGetValue(name, out var list) ? list[^1] : null;
    }

    public long? Int(string name, long min = long.MinValue)
    {
        if (Text(name) is not { } text) return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            Error(name, pbs ? "failed to parse integer: invalid digit found in string" : $"type check ('integer') failed - got '{text}'");
        else if (number < min)
            Error(name, pbs ? $"value must have a minimum value of {min} (got {number})" : $"value must have a minimum value of {min}");
        return number;
    }

    public bool Bool(string name)
    {
        switch (Text(name)?.ToLowerInvariant())
        {
            case null or "0" or "no" or "off" or "false": return false;
            case "1" or "yes" or "on" or "true": return true;
            default:
                Error(name, $"type check ('boolean') failed - got '{values[name][^1]}'");
                return false;
        }
    }

    public string Enum(string name, string defaultValue, params ReadOnlySpan<string> allowed)
    {
        var text = Text(name) ?? defaultValue;
        if (!allowed.Contains(text)) NotAllowed(name, text, allowed);
        return text;
    }

    /// <summary>PVE's form of a list: one text with separators, any case.</summary>
    public HashSet<string>? List(string name, params ReadOnlySpan<string> allowed) =>
        Text(name) is { } text
            ? Allowed(name, text.ToLowerInvariant().Split([',', ';', ' ', '\0'], StringSplitOptions.RemoveEmptyEntries), allowed)
            : null;

    /// <summary>PBS's form of a list: the name repeated, lower case only.</summary>
    public HashSet<string>? Repeated(string name, params ReadOnlySpan<string> allowed) =>
        Text(name) is not null ? Allowed(name, values[name], allowed) : null;

    /// <summary>To be called when every parameter has been asked for.</summary>
    public void Check()
    {
        var unknown = pbs
            ? "schema does not allow additional properties."
            : "property is not defined in schema and the schema does not allow additional properties";
        foreach (var name in values.Keys.Where(name => !asked.Contains(name))) Error(name, unknown);
        if (errors.Count > 0) throw new RefusalException(400, "Parameter verification failed.", errors);
    }

    private HashSet<string> Allowed(string name, IEnumerable<string> items, ReadOnlySpan<string> allowed)
    {
        var set = new HashSet<string>(items, StringComparer.Ordinal);
        foreach (var item in set)
            if (!allowed.Contains(item)) NotAllowed(name, item, allowed);
        return set;
    }

    private void NotAllowed(string name, string text, ReadOnlySpan<string> allowed) =>
        Error(name, $"value '{text}' does not have a value in the enumeration '{string.Join(", ", allowed!)}'");

    private void Error(string name, string text) => errors.TryAdd(name, text);
}
