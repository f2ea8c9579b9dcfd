using RemoteTasks.Mutation.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(QuickFirst))]

namespace RemoteTasks.Mutation.Tests;

/// <summary>Tests that wait, or do much, come last: the others notice most mistakes, and then these need not run.</summary>
public sealed class QuickFirst : ITestCollectionOrderer
{
    private static readonly string[] Slow = ["DamageTests", "IndexFileTests", "EveryByteTests", "RealDiskTests", "LockTests", "UnchangedTests"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Slow, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)))];
}
