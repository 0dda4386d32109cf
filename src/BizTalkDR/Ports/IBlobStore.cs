using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Reads containers of blob storage from where the product runs. Changes nothing there.</summary>
public interface IBlobStore
{
    /// <summary>Lists the blobs of a folder: of a container, or of what its blobs' names make look like a folder.</summary>
    /// <param name="folder">URL of the container, or of a folder in it, without a query.</param>
    /// <param name="recurse">Looks into the folders of the folder too.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="Errors.RecoveryException">
    /// <see cref="Errors.RecoveryError.BackupPathInvalid"/>, <see cref="Errors.RecoveryError.BlobNotFound"/>, <see cref="Errors.RecoveryError.BlobAccessDenied"/>,
    /// <see cref="Errors.RecoveryError.BlobSignatureExpired"/>, <see cref="Errors.RecoveryError.BlobStoreUnreachable"/>, <see cref="Errors.RecoveryError.OperationCancelled"/>.
    /// </exception>
    BlobFolder List(string folder, bool recurse, CancellationToken cancellationToken = default);

    /// <summary>Opens a blob for reading at any place; bytes are fetched when they are read, with the same errors as <see cref="List"/>.</summary>
    /// <param name="url">URL of the blob, its name as it is and not escaped.</param>
    /// <param name="cancellationToken">Stops the opening and every read.</param>
    Stream Open(string url, CancellationToken cancellationToken = default);
}

/// <summary>What a folder of a container holds.</summary>
/// <param name="Blobs">Its blobs, by name.</param>
/// <param name="FoldersLeftOut">Folders in it that were not looked into, because nobody asked.</param>
public sealed record BlobFolder(IReadOnlyList<BlobEntry> Blobs, int FoldersLeftOut);

/// <summary>A blob.</summary>
/// <param name="Url">Its URL without a query, its name as it is and not escaped.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="WrittenUtc">Time of the last write.</param>
public sealed record BlobEntry(string Url, long SizeBytes, DateTime WrittenUtc);
