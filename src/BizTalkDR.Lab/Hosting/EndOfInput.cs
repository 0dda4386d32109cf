using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Notices that whoever started this process has closed its input, or has died, which closes it too.</summary>
internal static class EndOfInput
{
    /// <summary>Completes when the input ends.</summary>
    /// <param name="input">The input.</param>
    /// <param name="heard">Is told each line; null = what is written means nothing.</param>
    public static Task OfAsync(TextReader input, Action<string>? heard = null) => Task.Run(() => Drain(input, heard), CancellationToken.None);

    private static void Drain(TextReader input, Action<string>? heard)
    {
        string? line;
        do
        {
            line = input.ReadLine();
            if (line is not null)
                heard?.Invoke(line);
        }
        while (line is not null);
    }
}
