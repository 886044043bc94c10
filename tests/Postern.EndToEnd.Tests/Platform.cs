using System.Runtime.Versioning;

// Unix sockets with modes, signals, mount(8) and Debian's daemons: these tests have no other platform.
[assembly: SupportedOSPlatform("linux")]
