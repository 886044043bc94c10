namespace Postern.Ldap.Client;

/// <summary>When a server that says nothing during a search has failed, and when it just has nothing to say.</summary>
public sealed class SearchSilence
{
    private SearchSilence(bool restsAtOnce, Predicate<LdapMessage> restsAfter)
    {
        RestsAtOnce = restsAtOnce;
        RestsAfter = restsAfter;
    }

    /// <summary>An end is due: <see cref="LdapClientOptions.OperationTimeout"/> counts until it comes.</summary>
    public static SearchSilence Fails { get; } = new(false, static _ => false);

    /// <summary>Nothing is ever due, as with change notifications. Only TCP notices a peer that died.</summary>
    public static SearchSilence Allowed { get; } = new(true, static _ => true);

    internal bool RestsAtOnce { get; }

    internal Predicate<LdapMessage> RestsAfter { get; }

    /// <summary>The server owes answers up to the message for which <paramref name="reached"/> is true, such as the end of a refresh stage.
    /// Asked on the read loop: quick, and without side effects.</summary>
    public static SearchSilence AllowedAfter(Predicate<LdapMessage> reached) => new(false, reached);
}
