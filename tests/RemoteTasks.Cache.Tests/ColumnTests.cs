using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Tests;

/// <summary>Columns of numbers, against plain loops.</summary>
public sealed class ColumnTests
{
    private static readonly uint[] Largest = [0xFF, 0xFFFF, 0xFF_FFFF, 0xFFFF_FFFF];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_column_holds_what_was_added_and_grows_as_wide_as_it_needs(int width)
    {
        var random = new Random(width);
        var builder = new ColumnBuilder(width, rows: 10);
        var expected = new List<uint>();
        for (int i = 0; i < 3_000; i++)
        {
            uint value = (uint)random.NextInt64(Largest[i < 1_000 ? width - 1 : i < 2_000 ? Math.Max(width - 1, 1) : 3] + 1L);
            builder.Add(value);
            expected.Add(value);
        }

        ColumnData column = builder.Build();
        Assert.Equal((3_000, 3_000, 4), (builder.Rows, column.Rows, column.Width));
        Assert.Equal(expected, Enumerable.Range(0, column.Rows).Select(row => column[row]));
    }

    [Theory]
    [InlineData(1, 0xFF, 1)]
    [InlineData(1, 0x100, 2)]
    [InlineData(1, 0xFFFF, 2)]
    [InlineData(1, 0x1_0000, 4)]
    [InlineData(2, 0xFFFF, 2)]
    [InlineData(3, 0xFF_FFFF, 3)]
    [InlineData(3, 0x100_0000, 4)]
    public void A_column_is_no_wider_than_its_largest_value_needs(int width, uint value, int expected)
    {
        var builder = new ColumnBuilder(width, rows: 0);
        builder.Add(1);
        builder.Add(value);
        ColumnData column = builder.Build();
        Assert.Equal((expected, 1u, value), (column.Width, column[0], column[1]));
    }

    [Theory]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(65_536, 2)]
    [InlineData(65_537, 4)]
    public void Ids_are_as_wide_as_their_number_needs_and_few_up_to_a_dozen(int ids, int width)
    {
        Assert.Equal(width, new IdSet(ids, static _ => false).Width);
        Assert.True(new IdSet(ids, static id => id < IdSet.FewMax).IsFew);
        Assert.False(new IdSet(ids, static id => id <= IdSet.FewMax).IsFew);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    public void Rows_of_another_column_are_taken_over_whatever_its_width(int width, int otherWidth)
    {
        var builder = new ColumnBuilder(width, rows: 0);
        builder.Add(7);
        var other = new ColumnBuilder(otherWidth, rows: 0);
        for (uint i = 0; i < 5_000; i++)
            other.Add(i & Largest[otherWidth - 1]);
        builder.AddRange(other.Build(), 10, 4_990);
        ColumnData column = builder.Build();
        Assert.Equal(Math.Max(width, otherWidth), column.Width);
        Assert.Equal([7, .. Enumerable.Range(10, 4_980).Select(i => (uint)i & Largest[otherWidth - 1])], Enumerable.Range(0, column.Rows).Select(row => column[row]));
    }

    // Invariants checked: counting, going on and skipping are a plain list's, within a word and across words.
    [Fact]
    public void A_set_of_rows_is_walked_like_a_list()
    {
        var random = new Random(1);
        foreach (int share in (int[])[0, 2, 50, 100])
        {
            var set = new RowSet(70, 1_000);
            List<int> rows = [.. Enumerable.Range(70, 930).Where(_ => random.Next(100) < share)];
            foreach (int row in rows)
                set.SetRange(row, row + 1);
            for (int i = 0; i < 2_000; i++)
            {
                int from = random.Next(70, 1_001);
                int to = random.Next(70, 1_001);
                int count = random.Next(i % 2 == 0 ? 70 : 1_000);
                Assert.Equal(rows.Count(row => row >= from && row < to), set.CountRange(from, to));
                Assert.Equal(rows.FirstOrDefault(row => row >= from, 1_000), set.NextFrom(from));
                Assert.Equal(rows.Where(row => row >= from).Skip(count).FirstOrDefault(1_000), set.Skip(from, count));
            }
        }
    }

    [Fact]
    public void A_set_of_rows_takes_and_loses_rows_like_a_set()
    {
        var random = new Random(2);
        for (int run = 0; run < 200; run++)
        {
            int from = random.Next(200);
            int to = from + random.Next(400);
            var set = new RowSet(from, to);
            var other = new RowSet(from, to);
            var expected = new HashSet<int>();
            for (int i = 0; i < 5; i++)
            {
                int start = random.Next(from, to + 1);
                int end = random.Next(start, to + 1);
                (i % 2 == 0 ? set : other).SetRange(start, end);
                expected.UnionWith(Enumerable.Range(start, end - start));
            }

            RowSet copy = set.Copy();
            set.Or(other);
            foreach (int row in expected.Where(_ => random.Next(10) == 0).ToArray())
            {
                set.Clear(row);
                expected.Remove(row);
            }

            Assert.Equal(expected.Count, set.Count());
            Assert.Equal(expected.Order(), Enumerable.Range(from, to - from).Where(row => set.NextFrom(row) == row));
            Assert.Equal((set.Base, set.To), (copy.Base, copy.To));
            copy.Or(set);
            Assert.True(copy.Count() >= set.Count());
        }

        Assert.Equal((0, 5, 0), (new RowSet(5, 5).Base, new RowSet(5, 3).To, new RowSet(5, 3).Count()));
    }

    [Fact]
    public void A_dictionary_is_read_back_and_nothing_else_is_one()
    {
        var dictionary = new IndexDictionary();
        byte[][] values = [[], [1], [2, 3], new byte[300]];
        foreach (byte[] value in values)
            Assert.Equal(dictionary.IdOf(value), dictionary.IdOf(value));
        byte[] bytes = dictionary.ToBytes();
        IndexDictionary? read = IndexDictionary.FromBytes(bytes);
        Assert.NotNull(read);
        Assert.Equal(values, Enumerable.Range(0, read.Count).Select(id => read[id].ToArray()));
        Assert.Equal((2, 4), (read.IdOf([2, 3]), read.IdOf([9])));
        Assert.Equal(0, IndexDictionary.FromBytes([])?.Count);
        Assert.Null(IndexDictionary.FromBytes(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Null(IndexDictionary.FromBytes([.. bytes, 0]));
        Assert.Null(IndexDictionary.FromBytes([0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Null(IndexDictionary.FromBytes([5, 0, 0, 0, 1]));
    }

    // What is kept in memory is bounded by what it says that it takes.
    [Theory]
    [InlineData(1_000, 2)]
    [InlineData(50_000, 8)]
    [InlineData(5_000, 100)]
    public void A_dictionary_knows_what_memory_it_takes(int values, int length)
    {
        var dictionary = new IndexDictionary();
        byte[] value = new byte[length];
        for (int i = 0; i < values; i++)
        {
            BitConverter.TryWriteBytes(value, (ushort)i);
            if (length >= sizeof(int))
                BitConverter.TryWriteBytes(value, i);
            Assert.Equal(i, dictionary.IdOf(value));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        IndexDictionary copy = dictionary.Copy();
        long took = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(copy.Bytes, took * 85 / 100, took * 110 / 100);
        Assert.Equal(values - 1, copy.IdOf(value));
        Assert.Equal(values, copy.IdOf("a new one"u8));
        Assert.Equal(values, dictionary.Count);
    }

    // Invariants checked: counts by id and class are a plain loop's, for spans longer and shorter than half of the rows, without some of them.
    [Theory]
    [InlineData(200, 1)]
    [InlineData(3_000, 2)]
    [InlineData(70_000, 4)]
    public void Rows_of_a_span_are_counted_like_one_by_one(int ids, int width)
    {
        const int Rows = 1_000;
        var random = new Random(ids);
        int[] values = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(random.Next(2) == 0 ? 20 : ids))];
        int[] classes = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(StatusClasses.Count))];
        var dictionary = new IndexDictionary();
        for (int id = 0; id < ids; id++)
            dictionary.IdOf(BitConverter.GetBytes(id));
        ColumnData ClassOr(TaskColumn column) => column == TaskColumn.Class ? ColumnData.From(classes, 1) : ColumnData.From(values, width);
        var data = new IndexData(
            Rows, [.. Enum.GetValues<TaskColumn>().Select(ClassOr)], [.. Enum.GetValues<TaskColumn>().Select(_ => dictionary)], []);
        var columns = new ArchiveColumns(Rows, data, new ByteCache<PartKey, object>(1 << 20));
        foreach ((int from, int to) in (ReadOnlySpan<(int, int)>)[(0, Rows), (3, Rows - 7), (100, 400), (Rows - 1, Rows), (5, 5)])
        {
            int[] but = [0, 150, 151, Rows - 1];
            int[] expected = new int[ids * StatusClasses.Count];
            foreach (int row in Enumerable.Range(from, to - from).Except(but))
                expected[(values[row] * StatusClasses.Count) + classes[row]]++;
            Assert.True(expected.AsSpan().SequenceEqual(RangeCounts.Of(columns, TaskColumn.Type, from, to, but)));
        }
    }

    // Invariants checked: rows, their number and the largest value are a plain loop's, for few and many ids of dictionaries of any size, anywhere.
    [Theory]
    [InlineData(200, 1)]
    [InlineData(3_000, 2)]
    [InlineData(70_000, 4)]
    public void Rows_of_wanted_ids_are_found_like_one_by_one(int ids, int width)
    {
        const int Rows = 5_000;
        var random = new Random(ids);
        int[] values = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(random.Next(2) == 0 ? 20 : ids))];
        var column = ColumnData.From(values, width);
        Assert.Equal((uint)values.Max(), ColumnScan.Max(column));
        Assert.Equal(0u, ColumnScan.Max(ColumnData.From([], width)));
        foreach (int wantedIds in (int[])[0, 1, IdSet.FewMax, IdSet.FewMax + 1, ids])
        {
            HashSet<int> wanted = [.. Enumerable.Range(0, ids).OrderBy(_ => random.Next()).Take(wantedIds).Concat(wantedIds > 1 ? [3, 5] : [])];
            var set = new IdSet(ids, wanted.Contains);
            Assert.Equal((width, wanted.Count, wanted.Count == 0), (set.Width, set.Size, set.IsEmpty));
            (int from, int to) = (random.Next(200), Rows - random.Next(200));
            var found = new RowSet(from, to);
            ColumnScan.Find(column, set, from, to, found);
            Assert.Equal(Enumerable.Range(from, to - from).Count(row => wanted.Contains(values[row])), found.Count());

            foreach (int every in (int[])[1, 2, 40])
            {
                var kept = new RowSet(from, to);
                for (int row = from; row < to; row += every)
                    kept.SetRange(row, row + 1);
                ColumnScan.Keep(column, set, kept);
                int expected = 0;
                for (int row = from; row < to; row += every)
                    expected += wanted.Contains(values[row]) ? 1 : 0;
                Assert.Equal(expected, kept.Count());
            }
        }
    }
}
