using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// Walks through <c>{"data":[row,…],"total":n}</c> a row at a time. A document of the whole answer would take many times its size for an answer of
/// tiny rows; so memory is bounded by the answer and by what is kept of it.
/// </summary>
internal static class AnswerRows
{
    /// <summary>Returns <c>total</c>, null when absent.</summary>
    /// <exception cref="BadAnswerException">The answer is not of this form.</exception>
    /// <exception cref="JsonException">The answer is no JSON, or too deep.</exception>
    internal static long? Read(ReadOnlySpan<byte> json, Action<JsonElement> onRow)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonValues.DepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new BadAnswerException("the answer is no JSON object");
        bool seen = false;
        long? total = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isData = reader.ValueTextEquals("data"u8);
            bool isTotal = reader.ValueTextEquals("total"u8);
            reader.Read();
            if (isData)
            {
                if (seen || reader.TokenType != JsonTokenType.StartArray)
                    throw new BadAnswerException(seen ? "the answer has 'data' twice" : $"'data' is no list but {reader.TokenType}");
                seen = true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    onRow(JsonElement.ParseValue(ref reader));
            }
            else if (isTotal)
            {
                total = JsonValues.WholeNumber(JsonElement.ParseValue(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }
        // Throws when something follows the object.
        reader.Read();
        return seen ? total : throw new BadAnswerException("the answer has no 'data'");
    }

    /// <summary>The value of <c>data</c> of an answer that is no list of rows; the document is the caller's to dispose of.</summary>
    internal static JsonElement Data(JsonDocument document) =>
        JsonValues.Member(document.RootElement, "data") is { ValueKind: JsonValueKind.Object } data
            ? data
            : throw new BadAnswerException("the answer has no object 'data'");
}
