namespace Postern.Architecture.Tests;

/// <summary>Arrows point down only: the plan of the house, checked on project files, namespaces and using lines.</summary>
public sealed class HouseTests
{
    public static TheoryData<string> Rooms => [.. House.Rooms];

    [Fact]
    public void Every_room_has_a_floor_and_every_floor_plan_entry_a_room() =>
        Assert.Equal(House.Floors.Keys.Order(StringComparer.Ordinal), House.Rooms.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Project_references_point_to_lower_floors_only(string room)
    {
        foreach (string used in House.ProjectReferences(room))
        {
            Assert.True(House.Floors[used] < House.Floors[room], $"{room} (floor {House.Floors[room]}) references {used} (floor {House.Floors[used]})");
        }
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Using_lines_stay_within_the_room_or_point_down(string room)
    {
        foreach (string file in House.SourceFiles(room))
        {
            foreach (string ns in House.Usings(file))
            {
                string? used = House.RoomOf(ns);
                Assert.True(
                    used is null || used == room || House.Floors[used] < House.Floors[room],
                    $"{Path.GetRelativePath(House.Root, file)} uses {ns}: {used} is not below {room}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Namespaces_begin_with_the_name_of_the_room(string room)
    {
        foreach (string file in House.SourceFiles(room))
        {
            string? ns = House.Namespace(file);
            Assert.True(ns is null || House.RoomOf(ns) == room, $"{Path.GetRelativePath(House.Root, file)} declares namespace {ns}");
        }
    }

    [Theory]
    [InlineData("Postern.Ldap")]
    [InlineData("Postern.Mail")]
    public void The_words_do_no_input_or_output_and_no_logging(string room)
    {
        // System.Net itself has IPAddress, a word; what is below it talks.
        string[] foreign = ["System.Net.", "Microsoft.", "System.Threading.Channels"];
        foreach (string file in House.SourceFiles(room))
        {
            string[] lines = File.ReadAllLines(file);
            Assert.DoesNotContain(lines, line => foreign.Any(f => line.StartsWith("using " + f, StringComparison.Ordinal)));
            Assert.DoesNotContain(lines, line => line.Contains("File.Open", StringComparison.Ordinal) || line.Contains("Console.", StringComparison.Ordinal) || line.Contains("Dns.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Certificates_know_nothing_of_ldap() =>
        Assert.Empty(House.ProjectReferences("Postern.Certificates"));

    [Fact]
    public void There_are_no_drawers()
    {
        string[] drawers = ["Util", "Utils", "Utilities", "Helper", "Helpers", "Manager", "Common", "Misc"];
        IEnumerable<string> offenders =
            from room in House.Rooms
            from file in House.SourceFiles(room)
            let relative = Path.GetRelativePath(House.Root, file)
            from part in relative.Split('/', '\\')
            let name = Path.GetFileNameWithoutExtension(part)
            where drawers.Any(d => name.Equals(d, StringComparison.OrdinalIgnoreCase) || name.EndsWith("Helper", StringComparison.Ordinal)
                || name.EndsWith("Manager", StringComparison.Ordinal) || name.EndsWith("Utils", StringComparison.Ordinal))
            select relative;
        Assert.Empty(offenders);
    }

    [Fact]
    public void Time_is_passed_in()
    {
        // TimeProvider.System is named where the executable is wired; everywhere else the clock is an argument.
        string[] clocks = ["DateTime.UtcNow", "DateTime.Now", "DateTimeOffset.UtcNow", "DateTimeOffset.Now"];
        IEnumerable<string> offenders =
            from room in House.Rooms
            from file in House.SourceFiles(room)
            from line in File.ReadLines(file)
            where clocks.Any(c => line.Contains(c, StringComparison.Ordinal))
            select $"{Path.GetRelativePath(House.Root, file)}: {line.Trim()}";
        Assert.Empty(offenders);
    }

    /// <summary>Past this many lines, ask what the second thing in the file is. House style: mostly under 300, never past 400.</summary>
    [Fact]
    public void Rooms_stay_small()
    {
        const int MaxLines = 400;
        IEnumerable<string> offenders =
            from room in House.Rooms
            from file in House.SourceFiles(room)
            let lines = File.ReadLines(file).Count()
            where lines > MaxLines
            select $"{Path.GetRelativePath(House.Root, file)}: {lines} lines";
        Assert.Empty(offenders);
    }
}
