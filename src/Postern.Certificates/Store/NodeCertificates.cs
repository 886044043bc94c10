using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>
/// The certificate that a node is known by, and those before and after it: current, next and previous, each a pair of files that is
/// written once, and one pointer file that is replaced whole. So a process that dies anywhere finds the slots as they were before or after
/// the step. A pair that no slot names is what such a death left, and is deleted when the node starts with a pointer file.
/// </summary>
/// <remarks>Safe for concurrent use; one process at a time per folder. Certificates that were handed out are not disposed of: handshakes
/// may be using them.</remarks>
public sealed class NodeCertificates(CertificateStore store, string name, TimeProvider time)
{
    /// <summary>Octets of the SHA-256 that tell pairs apart in their file names.</summary>
    private const int NamedOctets = 8;

    private readonly Lock _lock = new();
    private NodeCertificateSlots? _slots;
    private StoredCertificate? _current;
    private StoredCertificate? _next;
    private StoredCertificate? _previous;
    private X509Certificate2? _newlyReplaced;
    private string? _newlyKept;
    private bool _isChanged;

    /// <summary>The files of the current certificate were replaced by hand: the new one is used from now on.</summary>
    public Action<X509Certificate2>? Replaced { get; set; }

    /// <summary>Files were changed and cannot be used, the last good certificate stays: why.</summary>
    public Action<string>? Kept { get; set; }

    /// <summary>After each change of a slot, replacements by hand included.</summary>
    public Action? Changed { get; set; }

    public string Name => name;

    public string Folder => store.Folder;

    /// <summary>What the node shows; the same object until it changes. Null as long as there is none. Follows its files.</summary>
    /// <exception cref="PrivateFileException">It cannot be read at all.</exception>
    public X509Certificate2? Current => Look().Current?.Certificate;

    /// <summary>What it will show once its peers trust it; null: nothing is announced.</summary>
    public X509Certificate2? Next => Look().Next?.Certificate;

    /// <summary>What it showed before: what was sealed for it can still be opened.</summary>
    public X509Certificate2? Previous => Look().Previous?.Certificate;

    /// <summary>All that have keys here: current, next, previous.</summary>
    public IReadOnlyList<X509Certificate2> All
    {
        get
        {
            State state = Look();
            return [.. new[] { state.Current, state.Next, state.Previous }.OfType<StoredCertificate>().Select(one => one.Certificate)];
        }
    }

    /// <summary>Since when there is a next one.</summary>
    public DateTimeOffset? Announced => Look().Slots.Announced;

    /// <summary>When the current one took the place of the one before; null: it is the first.</summary>
    public DateTimeOffset? Switched => Look().Slots.Switched;

    /// <summary>The current certificate, made if there is none yet.</summary>
    /// <exception cref="PrivateFileException">Its files cannot be used.</exception>
    public X509Certificate2 Ensure(Func<X509Certificate2> make)
    {
        X509Certificate2 current;
        lock (_lock)
        {
            if (Refresh() is { Current: null, Slots: var slots })
            {
                if (slots.Current != name)
                {
                    throw new PrivateFileException(PointerPath, $"'{PointerPath}' names certificate {slots.Current}, which is not in '{store.Folder}': restore it from a backup");
                }

                using X509Certificate2 made = make();
                store.Save(name, made);
                _isChanged = true;
            }

            current = Refresh().Current!.Certificate;
        }

        Notify();
        return current;
    }

    /// <summary>Stores the certificate that shall follow. It replaces one that was announced before; the same one again changes nothing.</summary>
    /// <param name="certificate">With a private key that can be exported. Not disposed of.</param>
    /// <exception cref="ArgumentException">It is the current or the previous one, or has no key.</exception>
    public X509Certificate2 Announce(X509Certificate2 certificate)
    {
        X509Certificate2 next;
        lock (_lock)
        {
            State state = Refresh();
            if (!IsSame(state.Next, certificate))
            {
                Write(state.Slots with { Next = SaveNew(certificate, state), Announced = time.GetUtcNow() });
            }

            next = _next!.Certificate;
        }

        Notify();
        return next;
    }

    /// <summary>The next one becomes the current one, and that the previous one.</summary>
    /// <exception cref="InvalidOperationException">There is no next one.</exception>
    public void Switch()
    {
        lock (_lock)
        {
            State state = Refresh();
            string next = state.Next?.Pair ?? throw new InvalidOperationException($"no certificate is announced as the next {name}");
            Write(state.Slots with { Current = next, Previous = state.Slots.Current, Next = null, Announced = null, Switched = time.GetUtcNow() });
        }

        Notify();
    }

    /// <summary>Forgets the previous one, its key included. What was sealed for it only is lost.</summary>
    public void DropPrevious() => Drop(slots => slots with { Previous = null });

    /// <summary>Takes the announcement back.</summary>
    public void DropNext() => Drop(slots => slots with { Next = null, Announced = null });

    /// <summary>The key of the current one is known to others: this one takes its place at once, and all the others are deleted.</summary>
    /// <param name="certificate">With a private key that can be exported. Not disposed of.</param>
    /// <exception cref="ArgumentException">It is one of them, or has no key.</exception>
    public X509Certificate2 Supersede(X509Certificate2 certificate)
    {
        X509Certificate2 current;
        lock (_lock)
        {
            State state = Refresh();
            if (IsSame(state.Next, certificate))
            {
                throw InUse(certificate);
            }

            Write(NodeCertificateSlots.First(SaveNew(certificate, state)) with { Switched = time.GetUtcNow() });
            current = _current!.Certificate;
        }

        Notify();
        return current;
    }

    private string SaveNew(X509Certificate2 certificate, State state)
    {
        if (IsSame(state.Current, certificate) || IsSame(state.Previous, certificate))
        {
            throw InUse(certificate);
        }

        // One of that name is what an earlier attempt left, or cannot be used.
        string pair = NameOf(certificate);
        store.Delete(pair);
        store.Save(pair, certificate);
        return pair;
    }

    private static ArgumentException InUse(X509Certificate2 certificate) => new($"certificate {CertificatePin.Of(certificate)} is in use by this node already", nameof(certificate));

    private string PointerPath => Path.Combine(store.Folder, name + ".slots.json");

    private void Drop(Func<NodeCertificateSlots, NodeCertificateSlots> change)
    {
        lock (_lock)
        {
            NodeCertificateSlots before = Refresh().Slots;
            NodeCertificateSlots after = change(before);
            if (after == before)
            {
                return;
            }

            Write(after);
        }

        Notify();
    }

    /// <summary>The pointer is the step; what it no longer names goes afterwards.</summary>
    private void Write(NodeCertificateSlots after)
    {
        NodeCertificateSlots before = _slots!;
        PrivateFile.Replace(PointerPath, after.ToOctets());
        Take(after);
        _isChanged = true;
        foreach (string pair in new[] { before.Current, before.Next, before.Previous }.OfType<string>().Where(pair => !after.Names(pair)))
        {
            store.Delete(pair);
        }
    }

    private State Look()
    {
        State state;
        lock (_lock)
        {
            state = Refresh();
        }

        Notify();
        return state;
    }

    /// <summary>Not under the lock: who is called may look at the certificates in turn.</summary>
    private void Notify()
    {
        (X509Certificate2? replaced, string? kept, bool isChanged) = (null, null, false);
        lock (_lock)
        {
            (replaced, kept, isChanged) = (_newlyReplaced, _newlyKept, _isChanged);
            (_newlyReplaced, _newlyKept, _isChanged) = (null, null, false);
        }

        if (kept is not null)
        {
            Kept?.Invoke(kept);
        }

        if (replaced is not null)
        {
            Replaced?.Invoke(replaced);
        }

        if (isChanged)
        {
            Changed?.Invoke();
        }
    }

    private State Refresh()
    {
        if (_slots is null)
        {
            bool isPointed = File.Exists(PointerPath);
            string[] pairs = [.. store.Names().Where(IsPairName)];
            if (!isPointed && pairs.Length > 0 && store.TryLoad(name) is null)
            {
                throw new PrivateFileException(
                    PointerPath, $"'{PointerPath}' is missing, which says which of {string.Join(", ", pairs)} in '{store.Folder}' is in use: restore it from a backup, with the pairs of the same time");
            }

            Take(NodeCertificateSlots.Read(PointerPath, name));

            // Without a pointer nobody can say what is left over and what was lost.
            foreach (string pair in pairs.Where(pair => isPointed && !_slots!.Names(pair)))
            {
                store.Delete(pair);
            }
        }

        if (_current is null)
        {
            _current = Load(_slots!.Current);
        }
        else if (store.Stamp(_current.Pair) is var stamp && stamp != _current.Stamp)
        {
            Reload(stamp);
        }

        return new State(_slots!, _current, _next, _previous);
    }

    private void Reload(CertificateStamp stamp)
    {
        StoredCertificate before = _current!;
        _current = before with { Stamp = stamp };
        try
        {
            if (Load(before.Pair) is { } after)
            {
                _current = after;
                if (!IsSame(before, after.Certificate))
                {
                    (_newlyReplaced, _isChanged) = (after.Certificate, true);
                }
            }
        }
        catch (Exception e) when (e is PrivateFileException or IOException or UnauthorizedAccessException)
        {
            _newlyKept = e.Message;
        }
    }

    private void Take(NodeCertificateSlots slots)
    {
        StoredCertificate? current = Known(slots.Current) ?? Load(slots.Current);
        (_next, _previous) = (Beside(slots.Next), Beside(slots.Previous));
        (_current, _slots) = (current, slots);
    }

    /// <summary>The next or the previous one: that it cannot be used keeps no node from starting.</summary>
    private StoredCertificate? Beside(string? pair)
    {
        try
        {
            return pair is null ? null : Known(pair) ?? Load(pair);
        }
        catch (Exception e) when (e is PrivateFileException or IOException or UnauthorizedAccessException)
        {
            _newlyKept = e.Message;
            return null;
        }
    }

    private StoredCertificate? Known(string pair) => new[] { _current, _next, _previous }.FirstOrDefault(one => one?.Pair == pair);

    private StoredCertificate? Load(string pair)
    {
        // Looked at before the content: a change in between is seen at the next look.
        CertificateStamp stamp = store.Stamp(pair);
        return store.TryLoad(pair) is { } certificate ? new StoredCertificate(pair, certificate, stamp) : null;
    }

    private bool IsPairName(string pair) =>
        pair.Length == name.Length + 1 + (NamedOctets * 2) && pair.StartsWith(name + ".", StringComparison.Ordinal) && pair.Skip(name.Length + 1).All(char.IsAsciiHexDigitLower);

    private string NameOf(X509Certificate2 certificate) => $"{name}.{Convert.ToHexStringLower(CertificatePin.Of(certificate).Sha256.Span[..NamedOctets])}";

    private static bool IsSame(StoredCertificate? one, X509Certificate2 other) => one is not null && one.Certificate.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private sealed record StoredCertificate(string Pair, X509Certificate2 Certificate, CertificateStamp Stamp);

    private readonly record struct State(NodeCertificateSlots Slots, StoredCertificate? Current, StoredCertificate? Next, StoredCertificate? Previous);
}
