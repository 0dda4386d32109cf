using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles;

/// <summary>A SQL Server backup file as it describes itself: read without a server, and as far as it goes when it is damaged.</summary>
/// <remarks>Holds no handle: marks and verification open the file again and refuse it when it was changed meanwhile.</remarks>
public sealed class BackupFile
{
    private BackupFile(BackupSource source, BackupContainer container)
    {
        Source = source;
        Container = container;
    }

    /// <summary>The path or name it was opened by.</summary>
    public string Name => Source.Name;

    /// <summary>Size in bytes.</summary>
    public long LengthBytes => Source.Length;

    /// <summary>Plain or compressed.</summary>
    public BackupContainer Container { get; }

    /// <summary>The file's name taken apart when it follows BizTalk's rules, else <see langword="null"/>.</summary>
    public BizTalkFileName? BizTalkName { get; private set; }

    /// <summary>The medium the file belongs to.</summary>
    public MediaHeader Media { get; internal set; } = new();

    /// <summary>The backup sets in the order of the file, as far as it could be read.</summary>
    public IReadOnlyList<BackupSet> Sets { get; private set; } = Array.Empty<BackupSet>();

    /// <summary>What is worth knowing beside the contents; damage first of all.</summary>
    public IReadOnlyList<Finding> Findings { get; private set; } = Array.Empty<Finding>();

    /// <summary>True when the file was walked from its first block to its last without damage.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes that reading the headers took from the file.</summary>
    public long HeaderBytesRead { get; private set; }

    internal BackupSource Source { get; }

    /// <summary>Reads the headers of a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="options">How to read; default options when left out.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <exception cref="BackupFileException">Nothing can be told: no such file, not readable, not a backup.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended early.</exception>
    public static BackupFile Open(string path, BackupFileOptions? options = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new BackupFileException(BackupFileError.InvalidPath, path ?? string.Empty, "An empty path names no backup file.");
        return Read(BackupSource.FromFile(path), options ?? new BackupFileOptions(), cancellation);
    }

    /// <summary>Reads the headers of a backup in a stream that seeks; the stream stays open and must outlive the result's use.</summary>
    /// <param name="stream">The backup from its first byte to its last.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="options">How to read; default options when left out.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <exception cref="BackupFileException">Nothing can be told: the stream does not seek or holds no backup.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended early.</exception>
    public static BackupFile Open(Stream stream, string name, BackupFileOptions? options = null, CancellationToken cancellation = default)
    {
        if (stream is null)
            throw new ArgumentNullException(nameof(stream));
        return Read(BackupSource.FromStream(stream, name), options ?? new BackupFileOptions(), cancellation);
    }

    public override string ToString() => Name;

    internal static BackupFile Read(BackupSource source, BackupFileOptions options, CancellationToken cancellation)
    {
        using var window = new FileWindow(source, reading: false);
        BackupContainer container = Recognition.Recognise(source, window, cancellation);
        var image = container == BackupContainer.Compressed ? new CompressedImage(window) { MayTakeShortcuts = true } : (BackupImage)new PlainImage(window);
        BackupFile file = Walk(source, container, image, options, listener: null, cancellation, out _);
        if (image is CompressedImage { TookShortcut: true } && !file.IsComplete)
        {
            // The damage may be in the index that the short cut was taken from.
            file = Walk(source, container, new CompressedImage(window), options, listener: null, cancellation, out _);
        }

        file.HeaderBytesRead = window.BytesRead;
        if (!file.IsComplete && window.LengthNow != source.Length)
            file.AddFinding(new Finding(FindingKind.ChangedWhileRead, FindingSeverity.Damage, "The file changed its size while it was read: it is still being written or copied."));
        return file;
    }

    internal static BackupFile Walk(BackupSource source, BackupContainer container, BackupImage image, BackupFileOptions options, WalkListener? listener, CancellationToken cancellation, out FileReader reader)
    {
        var file = new BackupFile(source, container);
        var findings = new List<Finding>();
        reader = new FileReader(file, image, options, findings, listener, cancellation);
        reader.Run();
        reader.CheckSetMap();
        file.Sets = reader.Sets;
        file.IsComplete = reader.ReachedEnd;
        file.AddOwnFindings(findings, options);
        file.Findings = findings.ToArray();
        return file;
    }

    /// <summary>Opens the tape image again for a second look.</summary>
    internal BackupImage OpenImage()
    {
        Source.DemandUnchanged();
        var window = new FileWindow(Source, reading: true);
        return Container == BackupContainer.Compressed ? new CompressedImage(window) : new PlainImage(window);
    }

    private void AddFinding(Finding finding) => Findings = [.. Findings, finding];

    private void AddOwnFindings(List<Finding> findings, BackupFileOptions options)
    {
        if (Media.IsPasswordProtected.ValueOr(false))
            findings.Add(new Finding(FindingKind.PasswordProtected, FindingSeverity.Information, "The medium has a password: SQL Server asks for MEDIAPASSWORD when it is restored."));
        if (Media.FamilyCount.ValueOr(1) > 1)
            findings.Add(new Finding(FindingKind.StripeOfSeveral, FindingSeverity.Information, $"The file is stripe {Media.FamilyNumber} of {Media.FamilyCount}; a restore needs all of them."));
        if (!BizTalkFileName.TryParse(Source.Path ?? Name, out BizTalkFileName? name))
            return;
        BizTalkName = name;
        if (!options.CheckName)
            return;
        foreach (BackupSet set in Sets)
        {
            if (name!.DisagreementWith(set) is string disagreement)
                findings.Add(new Finding(FindingKind.NameDisagrees, FindingSeverity.Warning, $"The file's name is not that of its contents: {disagreement}. The header counts.", offset: null, set.Position));
        }
    }
}
