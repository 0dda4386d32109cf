using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>How the records of a plan are written as JSON: by their own properties, without secrets.</summary>
internal static class PlanJson
{
    /// <summary>The rules.</summary>
    public static readonly JsonSerializerOptions Options = Create();

    private static JsonSerializerOptions Create()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(LeaveOutSecrets);
        resolver.Modifiers.Add(LeaveOutTurns);
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = resolver,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new LogPositionConverter());
        return options;
    }

    // Who logs in is settled by the one who runs the plan.
    private static void LeaveOutSecrets(JsonTypeInfo type)
    {
        if (type.Type != typeof(SqlInstanceAddress))
        {
            return;
        }

        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].PropertyType == typeof(SqlLogin))
            {
                type.Properties.RemoveAt(i);
            }
        }
    }

    // Where a chain leaves a fork is said by the steps; what knows them by their backups has no name to be written under.
    private static void LeaveOutTurns(JsonTypeInfo type)
    {
        for (int i = type.Properties.Count - 1; type.Type == typeof(MemberChain) && i >= 0; i--)
        {
            if (type.Properties[i].PropertyType == typeof(IReadOnlyDictionary<MediaBackup, KnownMark>))
            {
                type.Properties.RemoveAt(i);
            }
        }
    }

    /// <summary>LSNs are text: 25 digits do not survive every reader of JSON as a number.</summary>
    private sealed class LogPositionConverter : JsonConverter<LogPosition>
    {
        public override LogPosition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && decimal.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out decimal value)
                ? new LogPosition(value)
                : throw new JsonException("An LSN is a text of digits.");

        public override void Write(Utf8JsonWriter writer, LogPosition value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
