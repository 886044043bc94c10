using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>A source under test that follows the <see cref="World"/>.</summary>
internal interface ISourceWorld : IAsyncDisposable
{
    /// <summary>One for the life of a hub.</summary>
    ISource Open();

    /// <summary>Changes that the world has planned, one after the other; each is applied to the world when the source has it.</summary>
    Task ApplyAsync(IReadOnlyList<(Person? Before, Person? After)> changes);

    /// <summary>Faults of the next cycle.</summary>
    void Arm(Fault fault, Func<Step, Task> change);

    Task RestartAsync();

    void ForgetCookies();

    Task RestoreAsync();

    Task RenameUnitAsync();

    Task MoveUnitAsync();

    /// <summary>Whether every reading opened since <see cref="Arm"/> that has been read at all has been read to its end.</summary>
    bool ReadToItsEnd { get; }
}
