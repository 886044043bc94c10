namespace Postern.Fuzzing.Tests.Targets;

/// <summary>Something that reads octets from strangers.</summary>
/// <param name="Name">Lower case; begins the names of files with its inputs.</param>
/// <param name="Inputs">How many a short run takes.</param>
/// <param name="Seeds">What mutation starts from.</param>
/// <param name="Try">Feeds one input. Tells in words what became of it: inputs with new words are kept and mutated further. Whatever it
/// throws is a fault of the target.</param>
internal sealed record FuzzTarget(string Name, int Inputs, IReadOnlyList<byte[]> Seeds, Func<byte[], string> Try);
