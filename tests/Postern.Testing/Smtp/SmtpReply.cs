namespace Postern.Testing;

/// <summary>A complete reply, RFC 5321 section 4.2: the code and the text of each line.</summary>
public sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>The text of all lines, e.g. <c>5.1.1 &lt;x@example.com&gt;: Recipient address rejected ...</c>.</summary>
    public string Text => string.Join(' ', Lines);

    public override string ToString() => $"{Code} {Text}";
}
