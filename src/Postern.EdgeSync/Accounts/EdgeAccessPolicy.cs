using Postern.Directory;
using Postern.Ldap;

namespace Postern.EdgeSync.Accounts;

/// <summary>Who may do what on an edge.</summary>
public sealed class EdgeAccessPolicy : IAccessPolicy
{
    public bool MayRead(Principal principal, string normalizedDn) => throw new NotImplementedException();

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => throw new NotImplementedException();

    public bool MayReadAttribute(Principal principal, string attribute) => throw new NotImplementedException();
}

/// <summary>The organization directory has no callers over the wire yet: nobody but the process itself.</summary>
public sealed class OrganizationAccessPolicy : IAccessPolicy
{
    public bool MayRead(Principal principal, string normalizedDn) => false;

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => false;

    public bool MayReadAttribute(Principal principal, string attribute) => false;
}
