using System;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Hosting;

/// <summary>One instance of the lab that listens.</summary>
public interface IRunningInstance : IAsyncDisposable
{
    /// <summary>Network name.</summary>
    string Name { get; }

    /// <summary>TCP port on 127.0.0.1.</summary>
    int Port { get; }

    /// <summary>Stops it as an operator would: sessions end, files are closed.</summary>
    Task StopAsync();
}
