using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>One kind of entry on the edge: where its entries are, one level below a container, and of which class.</summary>
/// <param name="BaseDn">The container.</param>
/// <param name="What">For messages: <c>recipients</c>, <c>accepted domains</c>.</param>
internal sealed record SyncPart(string BaseDn, string ObjectClass, string What)
{
    public static SyncPart Recipients { get; } = new(EdgeLayout.Recipients, PosternClasses.Recipient, "recipients");
}
