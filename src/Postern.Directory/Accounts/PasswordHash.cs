namespace Postern.Directory;

public enum PasswordStrength
{
    /// <summary>A person may have chosen it: hashed slowly.</summary>
    Chosen,

    /// <summary>At least 256 random bits: guessing is hopeless at any speed, so a fast salted hash is enough.</summary>
    Random,
}

/// <summary>Stored forms of a password, with a scheme prefix as in RFC 3112.</summary>
public static class PasswordHash
{
    public static byte[] Create(ReadOnlySpan<byte> password, PasswordStrength strength) => throw new NotImplementedException();

    /// <summary>Constant time for a given stored form.</summary>
    public static bool Verify(ReadOnlySpan<byte> password, ReadOnlySpan<byte> stored) => throw new NotImplementedException();
}
