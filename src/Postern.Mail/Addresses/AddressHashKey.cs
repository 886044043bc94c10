using System.Security.Cryptography;

namespace Postern.Mail;

/// <summary>The key under which one edge's addresses are hashed. A secret: whoever has it and the edge's data can test guesses of addresses.</summary>
public sealed class AddressHashKey
{
    /// <summary>256 bits, the output size of the hash (RFC 2104 section 3).</summary>
    public const int KeyBytes = 32;

    private readonly byte[] _octets;

    private AddressHashKey(byte[] octets) => _octets = octets;

    public static AddressHashKey Generate() => new(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <exception cref="ArgumentException">Not exactly <see cref="KeyBytes"/> octets.</exception>
    public static AddressHashKey FromBytes(ReadOnlySpan<byte> octets) => octets.Length == KeyBytes
        ? new AddressHashKey(octets.ToArray())
        : throw new ArgumentException($"an address key has {KeyBytes} octets, not {octets.Length}", nameof(octets));

    /// <summary>A copy; for the key file and the subscription file only.</summary>
    public byte[] ToBytes() => [.. _octets];

    internal ReadOnlySpan<byte> Octets => _octets;

    public override string ToString() => "AddressHashKey (secret)";
}
