return await Postern.Commands.CommandLine.RunAsync(args);
