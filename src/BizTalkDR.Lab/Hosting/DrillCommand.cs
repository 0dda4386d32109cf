using System.IO;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Hosting;

/// <summary>The rehearsed recovery, from a running group to the proof.</summary>
internal static class DrillCommand
{
    public static Task<int> RunAsync(DrillOptions options, TextWriter output) =>
        throw new LabException("The drill is not part of this build.");
}
