using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

/// <summary>COMPONENTS OF LDAPResult, RFC 4511 section 4.1.9.</summary>
internal static class LdapResultCodec
{
    private const int ReferralTag = 3;

    public static LdapResult Read(ref BerReader reader)
    {
        int code = reader.ReadInteger("resultCode", BerTag.Enumerated);
        string matchedDn = reader.ReadString("matchedDN");
        string diagnostic = BerReaderText.Lenient(reader.ReadOctets("diagnosticMessage").Span);
        List<string> referrals = [];
        if (reader.NextIs(BerTag.ContextConstructed(ReferralTag)))
        {
            BerReader list = reader.ReadConstructed(BerTag.ContextConstructed(ReferralTag), "referral");
            while (!list.IsAtEnd)
            {
                referrals.Add(list.ReadString("referral URI"));
            }
        }

        return new LdapResult((LdapResultCode)code, matchedDn, diagnostic, referrals);
    }

    /// <summary>The operations that are a result and nothing more.</summary>
    public static LdapResult ReadOperation(BerReader reader, LdapOperationTag tag)
    {
        LdapResult result = Read(ref reader);
        reader.ExpectEnd(tag.ToString());
        return result;
    }

    public static void Write(LdapResult result, AsnWriter writer)
    {
        writer.WriteEnumerated((int)result.Code);
        writer.WriteText(result.MatchedDn);
        writer.WriteText(result.DiagnosticMessage);
        if (result.Referrals.Count > 0)
        {
            writer.PushSequence(BerWriter.Context(ReferralTag, constructed: true));
            foreach (string uri in result.Referrals)
            {
                writer.WriteText(uri);
            }

            writer.PopSequence(BerWriter.Context(ReferralTag, constructed: true));
        }
    }

    public static void WriteOperation(LdapOperationTag tag, LdapResult result, AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(tag));
        Write(result, writer);
        writer.PopSequence(BerWriter.Application(tag));
    }
}

internal static class BerReaderText
{
    /// <summary>Diagnostic text of foreign servers is not always UTF-8 (Active Directory ends it with a NUL); it is for people only.</summary>
    public static string Lenient(ReadOnlySpan<byte> octets) => System.Text.Encoding.UTF8.GetString(octets).TrimEnd('\0');
}
