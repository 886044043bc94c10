using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Fuzzing.Tests.Targets;

/// <summary>Sealed credentials and files: a record in a directory may come from anybody who may write there.</summary>
internal static class SealedTarget
{
    private static readonly byte[] Content = "sealed"u8.ToArray();

    private static readonly X509Certificate2[] Own = [Make(KeyAlgorithm.EcdsaP256), Make(KeyAlgorithm.Rsa2048)];

    public static FuzzTarget Target { get; } = new(
        "sealed",
        10_000,
        // The passphrase form is only read: a mutated number of rounds would cost seconds.
        [SealedData.Seal(Content, Own[0]), SealedData.Seal(Content, Own[1]), SealedData.Seal(Content, "passphrase")],
        Open);

    private static string Open(byte[] input)
    {
        try
        {
            SealedData.Recipients(input);
            return SealedData.Open(input, Own).AsSpan().SequenceEqual(Content) ? "opened" : throw new InvalidDataException("something else came out than was sealed");
        }
        catch (SealingException e)
        {
            // Of the messages those that name a place; names of recipients are noise.
            return e.Fault == SealingFault.Damaged ? e.Message + e.InnerException?.Message : e.Fault.ToString();
        }
    }

    private static X509Certificate2 Make(KeyAlgorithm algorithm) => SelfSignedCertificate.Create(
        new SelfSignedRequest("edge1", ["edge1"], algorithm, TimeSpan.FromDays(365)), TimeProvider.System);
}
