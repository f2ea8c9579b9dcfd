namespace RemoteTasks.Cache;

/// <summary>
/// A value that is made when it is first asked for, once. Unlike <see cref="Lazy{T}"/> it remembers no failure: what a disk could not read a moment
/// ago may be read the next time. Safe to use from several threads.
/// </summary>
internal sealed class Late<T>(Func<T> make)
{
    private readonly Lock _gate = new();
    private volatile bool _isMade;
    private T? _value;

    /// <summary>Whether it has been made.</summary>
    internal bool IsMade => _isMade;

    internal T Value
    {
        get
        {
            if (_isMade)
                return _value!;
            lock (_gate)
            {
                if (!_isMade)
                {
                    _value = make();
                    _isMade = true;
                }

                return _value!;
            }
        }
    }
}
