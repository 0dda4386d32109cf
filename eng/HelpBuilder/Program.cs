// Turns the Markdown help (docs/en-US, one page a cmdlet in platyPS's layout, and about_ pages) into what Get-Help reads:
// MAML for the cmdlets, plain text for the about_ pages. platyPS itself is in no package source a build may rely on.
using System;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace HelpBuilder;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length != 2 || !Directory.Exists(args[0]))
        {
            Console.Error.WriteLine("usage: HelpBuilder <folder with *.md> <output folder>");
            return 2;
        }

        try
        {
            Directory.CreateDirectory(args[1]);
            string[] pages = Directory.GetFiles(args[0], "*.md").OrderBy(p => p, StringComparer.Ordinal).ToArray();
            var commands = pages.Where(p => !Path.GetFileName(p).StartsWith("about_", StringComparison.Ordinal)).Select(HelpPage.Read).ToList();
            var root = new XElement(Maml.Msh + "helpItems", new XAttribute("schema", "maml"), commands.Select(Maml.Command));
            new XDocument(new XDeclaration("1.0", "utf-8", null), root).Save(Path.Combine(args[1], "BizTalkDR.Module.dll-Help.xml"));
            foreach (string page in pages.Where(p => Path.GetFileName(p).StartsWith("about_", StringComparison.Ordinal)))
            {
                File.WriteAllText(Path.Combine(args[1], Path.GetFileNameWithoutExtension(page) + ".help.txt"), File.ReadAllText(page));
            }

            return 0;
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine("error : " + e.Message);
            return 1;
        }
    }
}
