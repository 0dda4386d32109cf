namespace BizTalkDR.Lab.Engine;

/// <summary>Stands between an instance and its files: it sees every change before it is made, and may refuse it.</summary>
/// <remarks>Called under one lock for all files of the storage. What it throws is what the instance gets from its disk.</remarks>
internal interface IDisk
{
    /// <summary>Whether what it syncs has to be synced by the system too; a simulated loss of power needs none.</summary>
    bool IsReal { get; }

    /// <summary>Room that it says is left; null = as much as the system says.</summary>
    long? Room => null;

    /// <summary>A file is opened to be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="exists">Whether it is there already.</param>
    /// <param name="truncates">Whether its content is thrown away.</param>
    void Open(string path, bool exists, bool truncates);

    void Write(string path, long offset, int length);

    void SetLength(string path, long length);

    void Sync(string path);

    /// <summary>A file takes another's name, and perhaps its place.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>What has happened to the names in a folder becomes durable.</summary>
    void SyncFolder(string folder);
}
