using System.Text;

namespace RemoteTasks.Fuzz;

/// <summary>Makes new inputs of known ones. One seed, one sequence.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> known, IReadOnlyList<string> words)
{
    private const int ChangesMax = 6;

    private static readonly byte[] TellingBytes = [0, 1, 9, 10, 13, 32, (byte)'"', (byte)'\\', (byte)'!', (byte)':', (byte)'{', (byte)'}', 0x7F, 0x80, 0xC3, 0xFF];
    private static readonly long[] TellingNumbers = [0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    private readonly Random _random = new(seed);

    /// <summary>A known input, changed in a few places.</summary>
    internal byte[] Next() => Changed(known.Count == 0 ? [] : known[_random.Next(known.Count)]);

    /// <summary>An input, changed in a few places.</summary>
    internal byte[] Changed(byte[] input)
    {
        var bytes = new List<byte>(input);
        for (int count = _random.Next(1, ChangesMax + 1); count > 0; count--)
            Change(bytes);
        if (bytes.Count > FuzzTarget.BytesMax)
            bytes.RemoveRange(FuzzTarget.BytesMax, bytes.Count - FuzzTarget.BytesMax);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count + 1);
        bool isAtEnd = at == bytes.Count;
        switch (_random.Next(11))
        {
            case 0 when !isAtEnd:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when !isAtEnd:
                bytes[at] = TellingBytes[_random.Next(TellingBytes.Length)];
                break;
            case 2 when !isAtEnd:
                bytes[at] = (byte)(bytes[at] + _random.Next(-4, 5));
                break;
            case 3:
                bytes.RemoveRange(at, LengthAt(bytes, at));
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, LengthAt(bytes, at)));
                break;
            case 5:
                int from = _random.Next(bytes.Count + 1);
                bytes.InsertRange(at, bytes.GetRange(from, LengthAt(bytes, from)));
                break;
            case 6:
                Overwrite(bytes, at);
                break;
            case 7 when _random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 8 when known.Count > 0:
                byte[] other = known[_random.Next(known.Count)];
                int start = _random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(start, Math.Min(other.Length - start, _random.Next(1, 200))).ToArray());
                break;
            case 9:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            default:
                if (words.Count > 0)
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(words[_random.Next(words.Count)]));
                break;
        }
    }

    private int LengthAt(List<byte> bytes, int at) => Math.Min(bytes.Count - at, _random.Next(4) == 0 ? _random.Next(1, 2_000) : _random.Next(1, 16));

    private void Overwrite(List<byte> bytes, int at)
    {
        byte[] number = BitConverter.GetBytes(TellingNumbers[_random.Next(TellingNumbers.Length)]);
        int width = 1 << _random.Next(1, 4);
        for (int i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = number[i];
    }
}
