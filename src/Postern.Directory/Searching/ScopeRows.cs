using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>
/// The entries of one scope in one snapshot, one row at a time: from the ids that an index found, or by reading along the tree. With a
/// position they come in the order of their ids.
/// </summary>
internal sealed class ScopeRows
{
    /// <summary>A subtree up to this size is read id by id; of a larger one the whole table is read past. Entries.</summary>
    private const int SmallSubtree = 1000;

    private readonly ReadSession _session;
    private readonly TreeNode _base;
    private readonly SearchScope _scope;
    private readonly bool _forSystem;
    private readonly IReadOnlyList<long>? _candidates;
    private readonly Statement? _scan;
    private readonly bool _scanStaysInScope;
    private int _next;

    /// <param name="candidates">Ids that may be in the scope, or null for all that are.</param>
    /// <param name="after">Null when the order is of no matter; else only entries with a larger id come, in that order.</param>
    public ScopeRows(ReadSession session, TreeNode baseNode, SearchScope scope, Principal principal, IReadOnlyList<long>? candidates, long? after = null)
    {
        (_session, _base, _scope) = (session, baseNode, scope);
        _forSystem = principal.Role == DirectoryRole.System;
        _candidates = scope == SearchScope.BaseObject ? [baseNode.Id] : candidates;
        if (_candidates is null && scope == SearchScope.WholeSubtree)
        {
            _candidates = SmallSubtreeIds();
        }

        if (_candidates is not null)
        {
            _candidates = after is null ? _candidates : [.. _candidates.Where(id => id > after).Order()];
            return;
        }

        _scan = scope == SearchScope.SingleLevel
            ? session.Children.Bind(1, baseNode.Id).Bind(2, after ?? 0)
            : session.ById.Bind(1, after ?? 0);
        _scanStaysInScope = _scan != session.ById;
    }

    public EntryRow? Next()
    {
        if (_scan is not null)
        {
            return _scan.Step() ? EntryRow.Read(_scan) : null;
        }

        while (_next < _candidates!.Count)
        {
            if (_session.Fetch(_candidates[_next++]) is { } row)
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>Ends the reading, so that it can begin anew.</summary>
    public void Reset() => _scan?.Reset();

    /// <returns>The entry's names, or null when it is outside the scope.</returns>
    public EntryName? Place(EntryRow row)
    {
        if (row.Parent == StoreLayout.NoParent)
        {
            return IsInScope(null, row) ? new EntryName(row.Rdn, row.Normalized, _session.Entries) : null;
        }

        TreeNode parent = _session.Entries.Node(row.Parent, _session.Places);
        return IsInScope(parent, row)
            ? new EntryName($"{row.Rdn},{parent.Dn}", _forSystem ? "" : $"{row.Normalized},{parent.Normalized}", _session.Entries)
            : null;
    }

    private bool IsInScope(TreeNode? parent, EntryRow row) => _scanStaysInScope || _scope switch
    {
        SearchScope.BaseObject => true,
        SearchScope.SingleLevel => row.Parent == _base.Id,
        _ => row.Id == _base.Id || parent?.IsWithin(_base.Id) == true,
    };

    /// <summary>A breadth-first walk, given up when the subtree is not small: of a large one nothing should be held in memory, and the first
    /// entry should not wait for the last.</summary>
    private List<long>? SmallSubtreeIds()
    {
        if (_base.Parent is null)
        {
            return null; // a whole naming context
        }

        List<long> ids = [_base.Id];
        for (int i = 0; i < ids.Count; i++)
        {
            Statement children = _session.ChildIds.Bind(1, ids[i]).Bind(2, SmallSubtree + 1 - ids.Count);
            while (children.Step())
            {
                ids.Add(children.Integer(0));
            }

            children.Reset();
            if (ids.Count > SmallSubtree)
            {
                return null;
            }
        }

        return ids;
    }
}
