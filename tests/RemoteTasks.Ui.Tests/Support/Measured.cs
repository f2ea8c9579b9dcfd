namespace RemoteTasks.Ui.Tests.Support;

/// <summary>Tests that measure time over a large daemon: nothing else of this project runs beside them.</summary>
[CollectionDefinition(nameof(Measured), DisableParallelization = true)]
public sealed class Measured;
