using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Brings certificates into one program. Called in this order: write, validate, reload, then its probes; or undo and reload.</summary>
public interface IServiceDriver
{
    /// <summary><c>postfix</c>, <c>dovecot</c>, <c>nginx</c>, <c>https</c>.</summary>
    string Name { get; }

    /// <summary>Those that it serves.</summary>
    MailServices Services { get; }

    /// <summary>Why it has nothing to do on this machine; null: it has.</summary>
    string? WhyAbsent();

    /// <summary>Writes certificates, keys and configuration. The program does not see it before its reload. What was there comes back when nothing is bound.</summary>
    /// <exception cref="ServiceException">It cannot be written; nothing is changed then.</exception>
    Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken);

    /// <summary>Has the program look at its configuration as it is on disk.</summary>
    /// <exception cref="ServiceException">It does not take it: its own words.</exception>
    Task ValidateAsync(CancellationToken cancellationToken);

    /// <exception cref="ServiceException">It does not reload: its own words.</exception>
    Task ReloadAsync(CancellationToken cancellationToken);

    /// <summary>Where it is looked at when it is bound to nothing: without a name, and whatever it shows.</summary>
    IReadOnlyList<ServiceProbe> Ports => [];

    /// <summary>What clients must be shown now.</summary>
    IReadOnlyList<ServiceProbe> Probes(BindingPlan plan);
}

/// <summary>What a driver wrote.</summary>
public interface IServiceChange : IDisposable
{
    /// <summary>False: everything was like that already.</summary>
    bool IsChange { get; }

    /// <summary>What people should know of it.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Puts back what was there, on disk: the caller reloads.</summary>
    Task UndoAsync(CancellationToken cancellationToken);

    /// <summary>Deletes what nobody uses any more, when all programs have been reloaded and seen: no way back after it.</summary>
    /// <returns>What people should know of it.</returns>
    Task<IReadOnlyList<string>> FinishAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);
}
