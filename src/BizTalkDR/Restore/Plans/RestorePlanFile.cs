using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>Writes a plan as JSON and reads it back: schema version, fingerprint, plan. Never a secret.</summary>
/// <remarks>
/// The fingerprint (SHA-256 of the plan without blanks) tells a plan that was edited, by accident or by hand, from one that was made by
/// the planner. It is no signature: whoever may write the file may write a new fingerprint, and whoever may do that may restore.
/// </remarks>
public static class RestorePlanFile
{
    /// <summary>Version of the file's form. 2 knows the tails of databases that are replaced, 3 how those that are RESTORING or in standby came to be so, and how many members are restored at once in which transfers, 4 databases that are kept under another name, and availability groups that members leave and come back to, 5 quiesced points, which have no mark.</summary>
    public const int SchemaVersion = 5;

    /// <summary>The oldest version that is read: without tails. A plan of it is refused when it would replace a database that may hold work, as one of version 2 is for a database that is RESTORING or in standby.</summary>
    private const int OldestVersion = 1;

    private const string Kind = "BizTalkDR restore plan";
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>Gives the plan as JSON.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="indented">For reading; otherwise on one line.</param>
    public static string ToJson(RestorePlan plan, bool indented = true)
    {
        JsonElement content = JsonSerializer.SerializeToElement(plan, PlanJson.Options);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, indented ? Indented : Compact))
        {
            json.WriteStartObject();
            json.WriteString("kind", Kind);
            json.WriteNumber("schemaVersion", SchemaVersion);
            json.WriteString("fingerprint", FingerprintOf(content));
            json.WritePropertyName("plan");
            content.WriteTo(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Reads a plan and checks it.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="source">Where it came from, for errors.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PlanInvalid"/>: no plan, another version, edited, or not consistent.</exception>
    public static RestorePlan FromJson(string text, string source)
    {
        RestorePlan plan = Parse(text, source);
        IReadOnlyList<string> faults = RestorePlanCheck.Faults(plan);
        return faults.Count == 0 ? plan : throw Invalid(source, $"is not consistent: {string.Join("; ", faults.Take(5))}", null);
    }

    /// <summary>Writes a plan to a file: under a temporary name first, flushed, then renamed.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PlanNotWritable"/>.</exception>
    public static void Write(RestorePlan plan, string path) => WholeFile.Write(path, ToJson(plan));

    /// <summary>Reads a plan from a file.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PlanInvalid"/>.</exception>
    public static RestorePlan Read(string path)
    {
        try
        {
            return FromJson(File.ReadAllText(path, Encoding.UTF8), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Invalid(path, $"cannot be read: {error.Message}", error);
        }
    }

    private static RestorePlan Parse(string text, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out JsonElement kind) || kind.ValueKind != JsonValueKind.String || kind.GetString() != Kind)
            {
                throw Invalid(source, "is not a restore plan", null);
            }

            if (!root.TryGetProperty("schemaVersion", out JsonElement version) || !version.TryGetInt32(out int number) || number is < OldestVersion or > SchemaVersion)
            {
                throw Invalid(source, $"has another schema version than {OldestVersion} to {SchemaVersion}, those this version reads", null);
            }

            JsonElement content = root.GetProperty("plan");
            if (!string.Equals(root.GetProperty("fingerprint").GetString(), FingerprintOf(content), StringComparison.Ordinal))
            {
                throw Invalid(source, "was changed after it was written (its fingerprint does not fit)", null);
            }

            return content.Deserialize<RestorePlan>(PlanJson.Options) ?? throw Invalid(source, "is empty", null);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or NotSupportedException)
        {
            throw Invalid(source, $"is damaged: {error.Message}", error);
        }
    }

    private static string FingerprintOf(JsonElement content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            content.WriteTo(json);
        }

        using var hash = SHA256.Create();
        return string.Concat(hash.ComputeHash(buffer.ToArray()).Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static RecoveryException Invalid(string source, string what, Exception? cause) =>
        new(RecoveryError.PlanInvalid, source, $"The restore plan '{source}' {what}. Nothing was touched.", cause: cause);
}
