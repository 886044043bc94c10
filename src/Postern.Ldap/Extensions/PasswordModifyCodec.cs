using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>PasswdModifyRequestValue, RFC 3062 section 2. Printed without its secrets.</summary>
/// <param name="User">Whose password; mostly a DN. Null: the session's own.</param>
/// <param name="OldPassword">Null: not given.</param>
/// <param name="NewPassword">Null: the server is to make one.</param>
public sealed record PasswordModification(string? User, ReadOnlyMemory<byte>? OldPassword, ReadOnlyMemory<byte>? NewPassword)
{
    public override string ToString() => $"password of {User ?? "the session"}, hidden";
}

/// <summary>Values of the password modify operation, RFC 3062.</summary>
public static class PasswordModifyCodec
{
    private const string What = "password modify request";
    private const string WhatResponse = "password modify response";
    private const int UserTag = 0;
    private const int OldTag = 1;
    private const int NewTag = 2;
    private const int GeneratedTag = 0;

    public static byte[] Encode(PasswordModification modification)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        if (modification.User is not null)
        {
            writer.WriteText(modification.User, BerWriter.Context(UserTag));
        }

        WriteOptional(modification.OldPassword, OldTag, writer);
        WriteOptional(modification.NewPassword, NewTag, writer);
        writer.PopSequence();
        return writer.Encode();
    }

    /// <param name="value">requestValue; absent: everything in it is optional, and so is it.</param>
    /// <exception cref="LdapProtocolException">No PasswdModifyRequestValue, or a name longer than <see cref="LdapLimits.MaxDnBytes"/>.</exception>
    public static PasswordModification Decode(ReadOnlyMemory<byte>? value, LdapLimits limits)
    {
        if (value is not { } octets)
        {
            return new PasswordModification(null, null, null);
        }

        BerReader reader = ControlValue.Open(octets, What);
        string? user = reader.NextIs(BerTag.Context(UserTag)) ? DnField.Read(ref reader, $"{What}: userIdentity", limits, BerTag.Context(UserTag)) : null;
        ReadOnlyMemory<byte>? oldPassword = reader.ReadOptionalOctets($"{What}: oldPasswd", BerTag.Context(OldTag));
        ReadOnlyMemory<byte>? newPassword = reader.ReadOptionalOctets($"{What}: newPasswd", BerTag.Context(NewTag));
        reader.ExpectEnd(What);
        return new PasswordModification(user, oldPassword, newPassword);
    }

    /// <returns>Null when no password was generated: the response then has no value.</returns>
    public static byte[]? EncodeResponse(ReadOnlyMemory<byte>? generated)
    {
        if (generated is null)
        {
            return null;
        }

        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        WriteOptional(generated, GeneratedTag, writer);
        writer.PopSequence();
        return writer.Encode();
    }

    /// <returns>The password that the server made, or null.</returns>
    /// <exception cref="LdapProtocolException">No PasswdModifyResponseValue.</exception>
    public static ReadOnlyMemory<byte>? DecodeResponse(ReadOnlyMemory<byte>? value)
    {
        if (value is not { } octets)
        {
            return null;
        }

        BerReader reader = ControlValue.Open(octets, WhatResponse);
        ReadOnlyMemory<byte>? generated = reader.ReadOptionalOctets($"{WhatResponse}: genPasswd", BerTag.Context(GeneratedTag));
        reader.ExpectEnd(WhatResponse);
        return generated;
    }

    private static void WriteOptional(ReadOnlyMemory<byte>? password, int tag, AsnWriter writer)
    {
        if (password is { } octets)
        {
            writer.WriteOctetString(octets.Span, BerWriter.Context(tag));
        }
    }
}
