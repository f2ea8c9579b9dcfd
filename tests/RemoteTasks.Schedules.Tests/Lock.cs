namespace RemoteTasks;

/// <summary>In the place of the runtime's own: what is no <see cref="System.Threading.Lock"/> is locked as a monitor, and monitors the scheduler knows.</summary>
internal sealed class Lock;
