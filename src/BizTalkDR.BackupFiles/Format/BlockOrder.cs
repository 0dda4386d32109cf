namespace BizTalkDR.BackupFiles.Format;

/// <summary>The order in which the blocks of a medium follow each other (backup-file-format.md §2).</summary>
internal sealed class BlockOrder
{
    private Stage _stage = Stage.Medium;

    private enum Stage
    {
        Medium,
        MediumMark,
        SetStart,
        Volume,
        Opening,
        Data,
        Closing,
        FirstEnd,
        SecondEnd,
        SetMark,
    }

    /// <summary>True where a set may begin or the file may end.</summary>
    public bool IsBetweenSets => _stage == Stage.SetStart;

    /// <summary>Takes a block.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="endsSet">True for the filemark behind a whole set.</param>
    /// <param name="isOther">True for a block that tape backups may hold anywhere and nothing is taken from.</param>
    /// <returns>False when the block does not belong here, or is of no kind that backups have.</returns>
    public bool TryTake(string id, out bool endsSet, out bool isOther)
    {
        endsSet = id == "SFMB" && _stage == Stage.SetMark;
        isOther = id is "DIRB" or "FILE" or "CFIL" or "ESPB" or "EOTM";
        Stage? next = (id, _stage) switch
        {
            ("TAPE", Stage.Medium) => Stage.MediumMark,
            ("SFMB", Stage.MediumMark) => Stage.SetStart,
            ("SSET", Stage.SetStart) => Stage.Volume,
            ("VOLB", Stage.Volume) => Stage.Opening,
            ("MSCI", Stage.Opening) => Stage.Data,
            ("MSDA" or "MSTL", Stage.Data) => Stage.Data,
            ("MSLS", Stage.Data) => Stage.Closing,
            ("SFMB", Stage.Closing) => Stage.FirstEnd,
            ("ESET", Stage.FirstEnd) => Stage.SecondEnd,
            ("ESET", Stage.SecondEnd) => Stage.SetMark,
            ("SFMB", Stage.SetMark) => Stage.SetStart,
            _ => isOther ? _stage : null,
        };
        _stage = next ?? _stage;
        return next is not null;
    }
}
