namespace Postern.Certificates;

public enum KeyAlgorithm
{
    /// <summary>The default: small, fast, and in every TLS peer of the last decade.</summary>
    EcdsaP256,
    EcdsaP384,
    Rsa2048,
    Rsa3072,
    Rsa4096,
}
