using System.CommandLine;
using Postern.Control;
using Postern.Operations.Diagnosis;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern doctor</c>: what is wrong, why, and what mends it.</summary>
internal static class DoctorCommand
{
    public static Command Build()
    {
        Option<string?> edge = new("--edge") { HelpName = "NAME", Description = "on a hub: only this edge (default: all)" };
        Command command = new("doctor", "Walks everything that a hub or an edge depends on, and names for each fault one cause and what mends it: exit code 0 when nothing failed, 1 when something did, 3 when no daemon answers.") { edge };
        Option<string?> data = command.AddDaemon("data folder of an edge or a hub");
        return command.Does(async context =>
        {
            DoctorReport report;
            int exitCode;
            try
            {
                report = await context.Daemon(data).SendAsync(
                    ControlRoutes.Doctor, new RunDoctor(context.Get(edge)), PosternJson.Default.RunDoctor, PosternJson.Default.DoctorReport, context.Cancellation);
                exitCode = report.State == DoctorReport.Failed ? ExitCode.Failed : ExitCode.Done;
            }
            catch (CommandFailure failure) when (failure.ExitCode == ExitCode.NoDaemon)
            {
                report = DoctorOperations.NotRunning($"{failure.Message}; {failure.Hint}", TimeProvider.System);
                exitCode = failure.ExitCode;
            }

            context.Output.Result(report, PosternJson.Default.DoctorReport, DoctorText.Write);
            return exitCode;
        });
    }
}
