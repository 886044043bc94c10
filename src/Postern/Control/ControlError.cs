using Postern.Operations;

namespace Postern.Control;

/// <summary>An error on the control socket, as RFC 9457 problem details with two members of ours: <c>hint</c> and <c>category</c>.</summary>
/// <param name="Type"><c>urn:postern:error:</c> and the code.</param>
/// <param name="Status">The HTTP status, repeated because the last line of a progress stream carries the problem after a 200.</param>
public sealed record ControlError(string Type, string Title, int Status, string Detail, string Hint, FailureCategory Category)
{
    private const string TypePrefix = "urn:postern:error:";

    public static ControlError From(OperationException failure) => new(
        TypePrefix + failure.Code, Sentence(failure.Category), StatusFor(failure.Category), failure.Message, failure.Hint, failure.Category);

    public CommandFailure ToFailure() =>
        new(ExitCode.For(Category), Type.StartsWith(TypePrefix, StringComparison.Ordinal) ? Type[TypePrefix.Length..] : Type, Detail, Hint);

    private static int StatusFor(FailureCategory category) => category switch
    {
        FailureCategory.NotFound => 404,
        FailureCategory.Conflict => 409,
        FailureCategory.BadRequest => 400,
        FailureCategory.RefusedByGuard => 412,
        FailureCategory.Unauthorized => 401,
        FailureCategory.Forbidden => 403,
        _ => 500,
    };

    private static string Sentence(FailureCategory category) => category switch
    {
        FailureCategory.NotFound => "Not found",
        FailureCategory.Conflict => "Conflict with what is there",
        FailureCategory.BadRequest => "Wrong request",
        FailureCategory.RefusedByGuard => "Refused by a guard",
        FailureCategory.Unauthorized => "Not known",
        FailureCategory.Forbidden => "Not allowed",
        _ => "Failed",
    };
}
