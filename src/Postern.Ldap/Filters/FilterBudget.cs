namespace Postern.Ldap;

/// <summary>Counts what a filter may still hold; asked before each node, so that nothing is entered beyond the limits.</summary>
internal struct FilterBudget(LdapLimits limits)
{
    private int _nodes;

    /// <returns>Null, or why the next node at <paramref name="depth"/> (from 1) is refused.</returns>
    public string? Refuses(int depth)
    {
        if (depth > limits.MaxFilterDepth)
        {
            return $"filter: nested deeper than {limits.MaxFilterDepth} levels";
        }

        return ++_nodes > limits.MaxFilterNodes ? $"filter: more than {limits.MaxFilterNodes} nodes" : null;
    }
}
