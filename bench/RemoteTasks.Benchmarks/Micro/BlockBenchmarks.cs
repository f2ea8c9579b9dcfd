using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using ZstdSharp;

namespace RemoteTasks.Benchmarks.Micro;

/// <summary>One block of 1,024 lines, at the level the engine writes. BenchmarkDotNet derives from it, so it is public and open.</summary>
[MemoryDiagnoser]
[SuppressMessage("Reliability", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class BlockBenchmarks
{
    private byte[] _plain = [];
    private byte[] _packed = [];
    private byte[] _target = [];
    private Compressor? _compressor;
    private Decompressor? _decompressor;

    /// <summary>zstd levels.</summary>
    [Params(3, 5, 9)]
    public int Level { get; set; }

    /// <summary>Makes the block.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _plain = MicroData.Block();
        _compressor = new Compressor(Level);
        _decompressor = new Decompressor();
        _packed = _compressor.Wrap(_plain).ToArray();
        _target = new byte[Compressor.GetCompressBound(_plain.Length)];
    }

    /// <summary>Frees zstd's memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _compressor?.Dispose();
        _decompressor?.Dispose();
    }

    /// <summary>Block to lines.</summary>
    [Benchmark]
    public int Decode() => _decompressor!.Unwrap(_packed, _target);

    /// <summary>Lines to block.</summary>
    [Benchmark]
    public int Encode() => _compressor!.Wrap(_plain, _target);
}
