using System;
using Xunit;

namespace BizTalkDR.Tests.Computers;

/// <summary>A fact whose tools are shell scripts: it runs where there is a shell.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Needs /bin/sh: the tools of this test are shell scripts.";
    }
}
