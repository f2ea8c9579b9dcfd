using System.Text;

namespace RemoteTasks.Cache.Query;

/// <summary>Looks for a text in bytes; ASCII letters are alike in either case, so that the answer depends on nobody's language.</summary>
internal sealed class TextMatcher
{
    private readonly byte[] _text;
    private byte[] _lowered = new byte[256];

    internal TextMatcher(string text)
    {
        _text = Encoding.UTF8.GetBytes(text);
        Lower(_text, _text);
    }

    internal bool IsIn(ReadOnlySpan<byte> field)
    {
        if (field.Length < _text.Length)
            return false;
        if (_lowered.Length < field.Length)
            _lowered = new byte[field.Length * 2];
        Lower(field, _lowered);
        return _lowered.AsSpan(0, field.Length).IndexOf(_text) >= 0;
    }

    private static void Lower(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i++)
            target[i] = source[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(source[i] | 0x20) : source[i];
    }
}
