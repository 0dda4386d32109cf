using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests;

public sealed class HouseTests
{
    [Fact]
    public void The_domain_knows_no_server_client_shell_or_lab()
    {
        IEnumerable<string> names = typeof(RestorePlanner).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n is not "netstandard");
        Assert.All(names, n => Assert.Contains(n, new[] { "BizTalkDR.BackupFiles", "System.Text.Json", "System.Text.Encodings.Web", "System.Memory" }));
    }

    [Fact]
    public void No_type_of_another_library_crosses_the_ports()
    {
        foreach (System.Type type in typeof(RestorePlanner).Assembly.GetExportedTypes().Where(t => t.Namespace == "BizTalkDR.Ports"))
        {
            foreach (PropertyInfo property in type.GetProperties())
            {
                Assert.DoesNotContain("Microsoft", property.PropertyType.FullName ?? string.Empty, System.StringComparison.Ordinal);
            }
        }
    }
}
