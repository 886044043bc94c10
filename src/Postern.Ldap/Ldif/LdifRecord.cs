namespace Postern.Ldap;

/// <summary>One record of an LDIF file, RFC 2849.</summary>
/// <param name="Line">The line of its <c>dn:</c>, counted from 1.</param>
public abstract record LdifRecord(int Line);

public sealed record LdifContentRecord(LdapEntry Entry, int Line) : LdifRecord(Line);

public sealed record LdifChangeRecord(IUpdateOperation Operation, int Line) : LdifRecord(Line);
