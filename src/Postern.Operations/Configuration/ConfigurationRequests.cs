using System.Text.Json.Nodes;

namespace Postern.Operations.Configuration;

/// <summary>What a verb of one class of configuration asks for.</summary>
/// <param name="Name">Of the object; null where the verb needs none.</param>
/// <param name="NewName">Set only: what it is called from now on; null keeps the name.</param>
/// <param name="Values">Add and set: fields and their values as text, as docs/configuration.md lists them; no values end a field's being set.</param>
public sealed record ConfigurationRequest(string? Name = null, string? NewName = null, IReadOnlyDictionary<string, IReadOnlyList<string>>? Values = null);

/// <param name="Objects">Each has <c>name</c> and the fields of its class; <c>fault</c> instead when its entry cannot be read; on an edge
/// <c>origin</c>, <c>edgeSync</c> or <c>local</c>.</param>
public sealed record ConfigurationList(IReadOnlyList<JsonObject> Objects);
