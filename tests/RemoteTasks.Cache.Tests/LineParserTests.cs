using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Invariants checked: the short way through a plain line and the JSON reader agree on every line, good or bad.</summary>
public sealed class LineParserTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261124)]
    public void Short_way_and_json_reader_agree_on_mutated_lines(int seed)
    {
        var random = new Random(seed);
        string[] good =
        [
            Text(Some.Finished(1_795_000_000)), Text(Some.Running(1_795_000_000)), Text(Some.Running(1_795_000_000, "RUNNING")),
            Text(Some.Finished(1_795_000_000, "Fehler: Gerät weg")), Text(Some.Finished(5, "")), Text(Some.Finished(0, upid: Some.PbsUpid(0, id: "store"))),
        ];
        int understood = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(good[random.Next(good.Length)]);
            for (int changes = random.Next(3); changes > 0; changes--)
                line = Mutate(line, random);
            bool isGood = new LineParser().TryParse(line, out TaskLine quick, out _);

            // A blank behind the brace changes nothing for JSON, and keeps the short way out.
            byte[] spaced = line is [(byte)'{', ..] ? [(byte)'{', (byte)' ', .. line.AsSpan(1)] : line;
            Assert.Equal(new LineParser().TryParse(spaced, out TaskLine full, out _), isGood);
            Assert.Equal(full.StartTime, quick.StartTime);
            Assert.Equal(full.EndTime, quick.EndTime);
            Assert.Equal(full.HasStatus, quick.HasStatus);
            Assert.True(full.Upid.Span.SequenceEqual(quick.Upid.Span), Encoding.UTF8.GetString(line));
            Assert.True(full.Status.Span.SequenceEqual(quick.Status.Span), Encoding.UTF8.GetString(line));
            understood += isGood ? 1 : 0;
        }

        Assert.InRange(understood, 10_000, 40_000);
    }

    private static byte[] Mutate(byte[] line, Random random)
    {
        int at = random.Next(line.Length);
        byte[] odd = [(byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)',', (byte)':', (byte)'0', (byte)'-', (byte)'+', (byte)' ', 0, 0xC3, (byte)'e', (byte)'.'];
        return random.Next(4) switch
        {
            0 => [.. line.AsSpan(0, at), .. line.AsSpan(at + 1)],
            1 => [.. line.AsSpan(0, at), odd[random.Next(odd.Length)], .. line.AsSpan(at)],
            2 => [.. line.AsSpan(0, at), odd[random.Next(odd.Length)], .. line.AsSpan(at + 1)],
            _ => line[..at].Length == 0 ? line : line[..at],
        };
    }

    private static string Text(TaskRecord record) => Encoding.UTF8.GetString(record.ToLine());
}
