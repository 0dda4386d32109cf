using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;

namespace BizTalkDR.SqlServer;

/// <summary>Asks the blob service and names what can go wrong. A message never holds the query of a request, where the signature is.</summary>
/// <remarks>
/// "Blob service REST API" and "Blob service error codes". What may pass is asked again: no answer, 408, 429 and 5xx, five times in all, with waiting times that double and never end before
/// what Retry-After says. A redirection is not followed: the signature would go along.
/// </remarks>
internal sealed class BlobClient
{
    private const string Version = "2020-10-02";
    private const int Tries = 5;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Direct = NewClient(useProxy: false);
    private static readonly HttpClient Usual = NewClient(useProxy: true);

    private readonly SharedAccess _access;

    public BlobClient(SecureString? token) => _access = new SharedAccess(token);

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Waits between two tries.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Sends a GET and takes the whole answer.</summary>
    /// <param name="url">Escaped, without the signature.</param>
    /// <param name="shown">What it is called in messages.</param>
    /// <param name="range">The bytes wanted; null for all.</param>
    /// <param name="etag">The version of the blob that is wanted; null for any.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public BlobAnswer Get(string url, string shown, RangeHeaderValue? range, EntityTagHeaderValue? etag, CancellationToken cancellationToken)
    {
        try
        {
            return GetAsync(url, shown, range, etag, cancellationToken).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, shown, $"Reading '{shown}' was cancelled.", cause: error);
        }
    }

    private async Task<BlobAnswer> GetAsync(string url, string shown, RangeHeaderValue? range, EntityTagHeaderValue? etag, CancellationToken cancellationToken)
    {
        Uri uri = AddressOf(url, shown);
        for (int tried = 1; ; tried++)
        {
            string why;
            Exception? cause = null;
            TimeSpan? after = null;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            stop.CancelAfter(Timeout);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.Add("x-ms-version", Version);
                request.Headers.Range = range;
                if (etag is not null)
                {
                    request.Headers.IfMatch.Add(etag);
                }

                using HttpResponseMessage response = await (uri.IsLoopback ? Direct : Usual).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await ReadAsync(response, stop.Token).ConfigureAwait(false);
                }

                if (!MayPass(response.StatusCode))
                {
                    throw Refused(response, shown);
                }

                why = $"it answered {(int)response.StatusCode} ({CodeOf(response)})";
                after = response.Headers.RetryAfter?.Delta;
            }
            catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
            {
                (why, cause) = ($"it did not answer within {Timeout.TotalSeconds:0} s", error);
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                (why, cause) = (Innermost(error).Message.TrimEnd('.'), error);
            }

            if (tried == Tries)
            {
                throw new RecoveryException(RecoveryError.BlobStoreUnreachable, shown, $"The blob service gave no answer to '{shown}' in {Tries} tries; the last time: {why}.", cause: cause);
            }

            TimeSpan wait = TimeSpan.FromMilliseconds(500 * Math.Pow(2, tried - 1));
            await Wait(after is { } told && told > wait ? (told < LongestWait ? told : LongestWait) : wait, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<BlobAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
#if NET
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
#else
        using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
#endif
        using var copy = new MemoryStream((int)Math.Min(response.Content.Headers.ContentLength ?? 0, 1 << 20));
        await body.CopyToAsync(copy, 1 << 16, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength is { } promised && promised != copy.Length)
        {
            throw new IOException($"the answer ended after {copy.Length} of {promised} bytes");
        }

        return new BlobAnswer(copy.ToArray(), response.Content.Headers.ContentRange?.From ?? 0, response.Content.Headers.ContentRange?.Length ?? copy.Length, response.Headers.ETag);
    }

    private Uri AddressOf(string url, string shown)
    {
        // The exception of a URI would hold the text it was made of.
        return Uri.TryCreate(_access.AddTo(url), UriKind.Absolute, out Uri? uri)
            ? uri
            : throw new RecoveryException(RecoveryError.BackupPathInvalid, shown, $"'{shown}' and the signature make no URL.", "Pass the URL of a container or of a folder in it, and with -SasToken what stands behind the question mark of a URL with a signature.");
    }

    private RecoveryException Refused(HttpResponseMessage response, string shown)
    {
        string code = CodeOf(response);
        string said = $"{(int)response.StatusCode}, {code}";
        DateTimeOffset? now = response.Headers.Date;
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotFound:
                return new RecoveryException(RecoveryError.BlobNotFound, shown, $"The blob service knows no '{shown}' ({said}).");
            case HttpStatusCode.Forbidden when _access.ExpiresUtc() is { } end && now is { } then && end <= then.UtcDateTime:
                return new RecoveryException(RecoveryError.BlobSignatureExpired, shown, $"The shared access signature for '{shown}' ended at {end:yyyy-MM-dd HH:mm:ss} UTC; the service has {then.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({said}).");
            case HttpStatusCode.PreconditionFailed:
                return new RecoveryException(RecoveryError.BackupFileInUse, shown, $"'{shown}' was written while it was read ({said}).");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return new RecoveryException(RecoveryError.BackupFileEmpty, shown, $"'{shown}' is empty ({said}).");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.Conflict:
                return new RecoveryException(RecoveryError.BlobAccessDenied, shown, $"The blob service lets nobody read '{shown}' {(_access.IsGiven ? "with this signature" : "without a signature")} ({said}).");
            default:
                return new RecoveryException(RecoveryError.BlobStoreUnreachable, shown, $"What answered to '{shown}' did not do what a blob service does ({said}).");
        }
    }

    private static string CodeOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-ms-error-code", out System.Collections.Generic.IEnumerable<string>? codes) ? string.Join(", ", codes) : response.ReasonPhrase ?? "no reason given";

    private static bool MayPass(HttpStatusCode status) => (int)status is 408 or 429 or (>= 500 and not 501 and not 505);

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }

    private static HttpClient NewClient(bool useProxy) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseProxy = useProxy, UseCookies = false }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
}

/// <summary>What came back.</summary>
/// <param name="Content">Bytes.</param>
/// <param name="Start">Where in the blob they begin.</param>
/// <param name="WholeBytes">Size of the whole blob.</param>
/// <param name="Version">Its version.</param>
internal sealed record BlobAnswer(byte[] Content, long Start, long WholeBytes, EntityTagHeaderValue? Version);
