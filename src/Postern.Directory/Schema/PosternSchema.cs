using Postern.Ldap;

namespace Postern.Directory;

/// <summary>The schemas of the two embedded directories.</summary>
public static class PosternSchema
{
    public static DirectorySchema Edge => throw new NotImplementedException();

    public static DirectorySchema Organization => throw new NotImplementedException();
}
