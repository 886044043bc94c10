namespace Postern.Mail;

/// <summary>Where things stand in the organization directory: the mail configuration and the subscriptions.</summary>
public static class OrganizationLayout
{
    public const string Suffix = "o=organization";

    public const string Configuration = "ou=configuration,o=organization";

    /// <summary>One <see cref="PosternClasses.AcceptedDomain"/> per domain.</summary>
    public const string AcceptedDomains = "ou=acceptedDomains,ou=configuration,o=organization";

    /// <summary>One <see cref="PosternClasses.Subscription"/> per edge.</summary>
    public const string Subscriptions = "ou=subscriptions,o=organization";

    /// <summary>The auth certificates, <see cref="PosternClasses.AuthConfiguration"/>, with their sealed keys.</summary>
    public const string Auth = "cn=auth,o=organization";
}
