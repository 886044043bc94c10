using Postern.Fuzzing.Tests.Targets;
using Xunit.Abstractions;

namespace Postern.Fuzzing.Tests;

/// <summary>Mutational fuzzing, a few seconds per target; docs/fuzzing.md tells how to run it for hours.</summary>
public class FuzzTests(ITestOutputHelper output)
{
    private static readonly FuzzOptions Options = FuzzOptions.FromEnvironment();

    public static TheoryData<string> Words => [.. WordTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Words))]
    public void Reader_answers_or_refuses(string target) => new FuzzRun(WordTargets.All.Single(t => t.Name == target), Options, output).Run();

    public static TheoryData<string> Certificates => [.. CertificateTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Certificates))]
    public void Reader_of_certificates_answers_or_refuses(string target) => new FuzzRun(CertificateTargets.All.Single(t => t.Name == target), Options, output).Run();

    [Fact]
    public void Sealed_data_is_opened_or_refused() => new FuzzRun(SealedTarget.Target, Options, output).Run();

    [Fact]
    public async Task Server_stays_up_and_gives_everything_back()
    {
        await using ServerTarget server = await ServerTarget.StartAsync();
        new FuzzRun(server.Target, Options, output).Run();
        await server.MustBeIdleAsync();
    }

    /// <summary>Inputs that once did harm do none any more; POSTERN_FUZZ_REPLAY tries one file instead.</summary>
    [Fact]
    public async Task Replay_of_what_was_found_does_no_harm()
    {
        await using ServerTarget server = await ServerTarget.StartAsync();
        List<FuzzTarget> targets = [.. WordTargets.All, .. CertificateTargets.All, SealedTarget.Target, server.Target];
        foreach (string path in Options.Replay is { } one ? [one] : Corpus.Found)
        {
            string name = Path.GetFileName(path).Split('-')[0];
            FuzzTarget target = targets.SingleOrDefault(t => t.Name == name)
                ?? throw new ArgumentException($"{path}: a file to replay is named for its target, one of {string.Join(", ", targets.Select(t => t.Name))}");
            byte[] input = await File.ReadAllBytesAsync(path);
            if (path.EndsWith("-in-work", StringComparison.Ordinal))
            {
                input = input.AsSpan(sizeof(int), BitConverter.ToInt32(input)).ToArray();
            }

            output.WriteLine($"{Path.GetFileName(path)}: {new FuzzRun(target, Options, output).Try(input)}");
        }

        await server.MustBeIdleAsync();
    }

    [Fact]
    public void Corpus_is_there()
    {
        Assert.InRange(Corpus.Messages.Count, 40, 1000);
        Assert.All((string[])["filter", "dn", "ldif", "url"], kind => Assert.NotEmpty(Corpus.Text(kind)));
        Assert.All(Corpus.Messages, octets => Assert.InRange(octets.Length, 0, 8192));
    }
}
