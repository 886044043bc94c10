namespace Postern.Transport.Services;

/// <summary>Paths that are written into the configuration of services.</summary>
internal static class ServicePath
{
    /// <exception cref="ServiceException">It has a sign that means something to one of the services: a blank, a comma, $, quotes, ...</exception>
    public static string Checked(string path) => path.All(one => char.IsAsciiLetterOrDigit(one) || one is '/' or '.' or '_' or '-' or '+' or '@')
        ? path
        : throw new ServiceException("unsupported", $"'{path}' cannot be written into the configuration of a service", "use a data folder whose path has only letters, digits and / . _ - + @");
}
