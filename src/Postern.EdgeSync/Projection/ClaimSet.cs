namespace Postern.EdgeSync.Projection;

/// <summary>
/// What has been claimed in one cycle: a set of 16-octet values that are uniformly distributed (halves of hashes), so that they are their
/// own hash codes. 16 octets per slot, at most three quarters full: a million recipients with 2.7 addresses take 64 MiB. In parts: growing
/// copies a part, not the whole, and the parts of a million recipients are no large objects.
/// </summary>
internal sealed class ClaimSet
{
    private const int Parts = 1024;

    private const int InitialSlots = 16;

    private readonly Part[] _parts = new Part[Parts];
    private bool _hasZero;

    /// <returns>False when the value was claimed before.</returns>
    public bool Add(UInt128 value)
    {
        if (value == UInt128.Zero)
        {
            // Zero marks a free slot.
            bool first = !_hasZero;
            _hasZero = true;
            return first;
        }

        // The part by the upper half, the slot by the lower one.
        return _parts[(int)((ulong)(value >> 64) % Parts)].Add(value);
    }

    public bool Contains(UInt128 value) =>
        value == UInt128.Zero ? _hasZero : _parts[(int)((ulong)(value >> 64) % Parts)].Contains(value);

    private struct Part
    {
        private UInt128[]? _slots;
        private int _count;

        public bool Add(UInt128 value)
        {
            UInt128[] slots = _slots ??= new UInt128[InitialSlots];
            if (_count >= slots.Length / 4 * 3)
            {
                _slots = slots = Grow(slots);
            }

            if (!Insert(slots, value))
            {
                return false;
            }

            _count++;
            return true;
        }

        public readonly bool Contains(UInt128 value)
        {
            if (_slots is not { } slots)
            {
                return false;
            }

            int mask = slots.Length - 1;
            for (int i = (int)(ulong)value & mask; slots[i] != UInt128.Zero; i = (i + 1) & mask)
            {
                if (slots[i] == value)
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Insert(UInt128[] slots, UInt128 value)
        {
            int mask = slots.Length - 1;
            for (int i = (int)(ulong)value & mask; ; i = (i + 1) & mask)
            {
                if (slots[i] == value)
                {
                    return false;
                }

                if (slots[i] == UInt128.Zero)
                {
                    slots[i] = value;
                    return true;
                }
            }
        }

        private static UInt128[] Grow(UInt128[] slots)
        {
            UInt128[] larger = new UInt128[slots.Length * 2];
            foreach (UInt128 value in slots)
            {
                if (value != UInt128.Zero)
                {
                    Insert(larger, value);
                }
            }

            return larger;
        }
    }
}
