using System.Reflection;
using RemoteTasks.Cache;
using RemoteTasks.Mutation.Tests;

[assembly: AssemblyFixture(typeof(ActiveMutant))]

namespace RemoteTasks.Mutation.Tests;

/// <summary>
/// Tells the changed engine once, at the start of a run of the tests, which of its mistakes is to be made. dotnet-stryker writes that into a file before it
/// asks for a run, and what it puts into the engine reads the file again at each of the thousands of places where a mistake could be: one run of the tests
/// took 19 s of CPU, and takes 10 s with this (5 s when nothing is changed).
/// </summary>
/// <remarks>Fails, and with it every test, when the engine is changed in a way that is not known here; does nothing when it is not changed.</remarks>
public sealed class ActiveMutant
{
    private const string FileVariable = "STRYKER_MUTANT_FILE";
    private const BindingFlags OfTheClass = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private const int None = -1;

    private static readonly Type? Control = typeof(TaskCache).Assembly.GetTypes().SingleOrDefault(type => type.Name == "MutantControl");

    public ActiveMutant()
    {
        if (Control is null || Environment.GetEnvironmentVariable(FileVariable) is not { Length: > 0 } file)
            return;
        Set(Control, "_mutantFilePathCached", true);
        Set(Control, "_cachedMutantFilePath", "");
        Set(Control, "ActiveMutant", BitConverter.ToInt32(File.ReadAllBytes(file)));
    }

    /// <summary>From now on no mistake is made in this run.</summary>
    internal static void TakeBack()
    {
        if (Control is not null)
            Set(Control, "ActiveMutant", None);
    }

    private static void Set(Type control, string name, object value)
    {
        FieldInfo field = control.GetField(name, OfTheClass) ?? throw new MissingFieldException(control.Name, name);
        field.SetValue(null, value);
    }
}
