using Postern.Output;

namespace Postern.EndToEnd.Tests.Output;

public sealed class PlainTextWriterTests
{
    [Fact]
    public void What_would_move_a_cursor_is_replaced_and_text_is_not()
    {
        using StringWriter written = new();
        using PlainTextWriter plain = new(written);

        plain.Write("CN=\u001b[31mred\u001b[0m\a");
        plain.Write('\u009b');
        plain.WriteLine($"\tBücher, {1} line\n");

        Assert.Equal("CN=\uFFFD[31mred\uFFFD[0m\uFFFD\uFFFD\tBücher, 1 line\n" + written.NewLine, written.ToString());
    }

    [Fact]
    public void A_cell_with_a_line_end_forges_no_row()
    {
        using StringWriter written = new();

        new TextTable("NAME").Row("CN=a\nCN=b").Write(written);

        Assert.Equal(2, written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
