using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>schema/edge-subscription.xsd and the reader in the program agree.</summary>
public sealed class SubscriptionSchemaTests
{
    private static readonly XmlSchemaSet Schema = Load();

    [Fact]
    public void File_that_is_written_is_valid()
    {
        Assert.Empty(Faults(Encoding.UTF8.GetString(SampleSubscription.File().ToBytes())));
        Assert.Empty(Faults(Encoding.UTF8.GetString((SampleSubscription.File() with { Duration = TimeSpan.FromMinutes(2), SerialNumber = "", ReplacedObjects = ["send connector out", "and 3 more"] }).ToBytes())));
    }

    [Theory]
    [InlineData("EdgeServerName", "-edge")]
    [InlineData("EdgeServerName", "")]
    [InlineData("EdgeServerFQDN", "edge..example.net")]
    [InlineData("EdgeCertificateBlob", "%")]
    [InlineData("ESRAUsername", "EDGE1")]
    [InlineData("ESRAPassword", "")]
    [InlineData("EffectiveDate", "22.11.2026")]
    [InlineData("EffectiveDate", "2026-11-22T10:00:00+01:00")]
    [InlineData("Duration", "24:00:00")]
    [InlineData("Duration", "P1D")]
    [InlineData("AdamSslPort", "0")]
    [InlineData("AdamSslPort", "65536")]
    [InlineData("FormatVersion", "2")]
    [InlineData("FormatVersion", "0")]
    [InlineData("AddressHashKey", "AAAA")]
    public void What_the_schema_refuses_the_program_refuses_too(string element, string value)
    {
        XDocument document = XDocument.Parse(Encoding.UTF8.GetString(SampleSubscription.File().ToBytes()));
        document.Root!.Element(element)!.Value = value;
        Assert.NotEmpty(Faults(document.ToString()));
        if (value != "2026-11-22T10:00:00+01:00")
        {
            Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(Encoding.UTF8.GetBytes(document.ToString()), "edge.xml"));
        }
    }

    [Fact]
    public void Every_element_but_the_version_of_the_writer_is_needed()
    {
        foreach (XElement element in XDocument.Parse(Encoding.UTF8.GetString(SampleSubscription.File().ToBytes())).Root!.Elements())
        {
            XDocument document = XDocument.Parse(Encoding.UTF8.GetString(SampleSubscription.File().ToBytes()));
            document.Root!.Element(element.Name)!.Remove();
            bool isOptional = element.Name.LocalName == "SerialNumber";
            Assert.Equal(isOptional, Faults(document.ToString()).Count == 0);
        }
    }

    private static List<string> Faults(string text)
    {
        List<string> faults = [];
        XmlReaderSettings settings = new() { ValidationType = ValidationType.Schema, Schemas = Schema };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, e) => faults.Add(e.Message);
        using XmlReader reader = XmlReader.Create(new StringReader(text), settings);
        while (reader.Read())
        {
        }

        return faults;
    }

    private static XmlSchemaSet Load()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
        {
            folder = folder.Parent;
        }

        XmlSchemaSet schema = new() { XmlResolver = null };
        schema.Add(null, Path.Combine(folder!.FullName, "schema", "edge-subscription.xsd"));
        schema.Compile();
        return schema;
    }
}
