using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Notices that whoever started this process has closed its input, or has died, which closes it too.</summary>
internal static class EndOfInput
{
    /// <summary>Completes when the input ends; what is written to it means nothing.</summary>
    public static Task OfAsync(TextReader input) => Task.Run(() => Drain(input), CancellationToken.None);

    private static void Drain(TextReader input)
    {
        string? line;
        do
        {
            line = input.ReadLine();
        }
        while (line is not null);
    }
}
