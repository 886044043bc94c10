namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>Takes the operations of a cycle that changes nothing.</summary>
internal interface IPlanSink : IOperationSink;
