using System.Text.Json;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>
/// A flat JSON object. PVE's are Perl hashes, whose member order differs from row to row; so is it here, for a client must not
/// depend on it.
/// </summary>
internal sealed class JsonRow
{
    private readonly List<(string Name, object? Value)> members = new(12);

    public JsonRow Add(string name, string? value) => With(name, value);

    public JsonRow Add(string name, long value) => With(name, value);

    public JsonRow Add(string name, double value) => With(name, value);

    public JsonRow Add(string name, bool value) => With(name, value);

    /// <summary>Puts the members in an order that depends on the number given.</summary>
    public JsonRow Shuffle(long salt)
    {
        var dice = new Life.Dice(salt);
        for (var at = members.Count - 1; at > 0; at--)
        {
            var other = (int)dice.Between(0, at + 1);
            (members[at], members[other]) = (members[other], members[at]);
        }

        return this;
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            switch (value)
            {
                case string text: json.WriteString(name, text); break;
                case long number: json.WriteNumber(name, number); break;
                case double number: json.WriteNumber(name, number); break;
                case bool flag: json.WriteBoolean(name, flag); break;
                default: json.WriteNull(name); break;
            }
        }

        json.WriteEndObject();
    }

    private JsonRow With(string name, object? value)
    {
        members.Add((name, value));
        return this;
    }
}
