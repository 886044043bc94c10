namespace Postern.Ldap;

/// <summary>One entry by its name, of any directory.</summary>
public static class DirectoryReading
{
    /// <returns>Null when there is none of that name, or it is hidden from this identity.</returns>
    /// <param name="attributes">None: all that an entry of its own accord shows.</param>
    /// <exception cref="LdapException">The directory cannot be read, or refuses.</exception>
    public static async Task<LdapEntry?> FindAsync(this IDirectory directory, string dn, CancellationToken cancellationToken, params string[] attributes)
    {
        LdapEntry? found = null;
        try
        {
            await foreach (LdapEntry entry in directory.SearchAsync(SearchRequest.ReadEntry(dn, attributes.Length > 0 ? attributes : ["*"]), cancellationToken).ConfigureAwait(false))
            {
                found = entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
            // That is the answer.
        }

        return found;
    }
}
