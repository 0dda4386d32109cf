using System;
using System.Collections.Generic;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Builds the tokens of a response (2.2.7), each whole before it goes to the packets.</summary>
internal sealed class TokenWriter
{
    // Longest text of a message: a token counts its bytes in 16 bits.
    private const int MaxMessageChars = 16000;
    private const int MaxColumnNameChars = 128;
    private readonly TokenBuffer _buffer = new();
    private readonly PacketWriter _packets;
    private readonly string _serverName;
    private readonly byte[] _collation;
    private WireType[] _columns = [];
    private SqlType[] _sources = [];

    public TokenWriter(PacketWriter packets, string serverName, byte[] collation)
    {
        _packets = packets;
        _serverName = serverName;
        _collation = collation;
    }

    /// <summary>The version the client speaks.</summary>
    public TdsDialect Dialect { get; set; } = new(TdsProtocol.Version74);

    public void Columns(IReadOnlyList<ResultColumn> columns)
    {
        WireType[] types = new WireType[columns.Count];
        SqlType[] sources = new SqlType[columns.Count];
        Start(Token.ColumnMetadata);
        _buffer.UInt16((ushort)columns.Count);
        for (int i = 0; i < types.Length; i++)
        {
            ResultColumn column = columns[i];
            sources[i] = column.Type;
            WireType type = types[i] = WireType.Of(column with { Type = Dialect.Shown(column.Type) });
            UserType(type);
            _buffer.UInt16((ushort)((column.Nullable ? 0x01 : 0) | 0x08 | (column.IsIdentity ? 0x10 : 0))); // 0x08: updatable unknown
            type.WriteInfo(_buffer, _collation);
            if (type.IsLongText)
            {
                // Name of the table, which clients use for UPDATETEXT only.
                if (Dialect.IsYukon)
                    _buffer.Byte(1);
                _buffer.UInt16(0);
            }

            _buffer.ByteText(column.Name, MaxColumnNameChars);
        }

        _columns = types;
        _sources = sources;
        Send();
    }

    /// <exception cref="ArgumentException">The row does not have the columns announced.</exception>
    public void Row(object?[] values)
    {
        if (values.Length != _columns.Length)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A row has {values.Length} values, its result set {_columns.Length} columns."), nameof(values));
        int nullBytes = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is null && _columns[i].IsFixed)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Column {i + 1} was announced as NOT NULL and holds NULL."), nameof(values));
            nullBytes += Dialect.HasNullBitmapRows && values[i] is null ? _columns[i].NullBytes : 0;
        }

        int bitmapBytes = (values.Length + 7) / 8;
        bool withBitmap = nullBytes > bitmapBytes;
        Start(withBitmap ? Token.NullBitmapRow : Token.Row);
        if (withBitmap)
        {
            Span<byte> bitmap = _buffer.Span(bitmapBytes);
            bitmap.Clear();
            for (int i = 0; i < values.Length; i++)
                bitmap[i / 8] |= (byte)(values[i] is null ? 1 << (i % 8) : 0);
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (!withBitmap || values[i] is not null)
                ValueWriter.Write(_buffer, _columns[i], Dialect.Shown(_sources[i], values[i]));
        }

        Send();
    }

    public void Message(SqlMessage message)
    {
        Start(message.IsError ? Token.Error : Token.Info);
        int start = _buffer.ReserveLength();
        _buffer.Int32(message.Number);
        _buffer.Byte(message.State);

        // Severity 10 leaves the server as 0.
        _buffer.Byte(message.Class == 10 ? (byte)0 : message.Class);
        _buffer.ShortText(message.Text, MaxMessageChars);
        _buffer.ByteText(_serverName);
        _buffer.ByteText(message.Procedure);
        if (Dialect.IsYukon)
            _buffer.Int32(message.Line);
        else
            _buffer.UInt16((ushort)message.Line);
        _buffer.SetLength(start);
        Send();
    }

    public void Done(Token token, DoneStatus status, ushort command, long rowCount)
    {
        Start(token);
        _buffer.UInt16((ushort)status);
        _buffer.UInt16(command);
        if (Dialect.IsYukon)
            _buffer.Int64(rowCount);
        else
            _buffer.Int32((int)Math.Min(rowCount, int.MaxValue));
        Send();
    }

    public void ReturnStatus(int status)
    {
        Start(Token.ReturnStatus);
        _buffer.Int32(status);
        Send();
    }

    public void ReturnValue(int ordinal, string name, SqlType type, object? value)
    {
        WireType wire = WireType.Of(Returnable(type));
        value = Dialect.Shown(type, value);
        Start(Token.ReturnValue);
        _buffer.UInt16((ushort)ordinal);
        _buffer.ByteText(name, MaxColumnNameChars);
        _buffer.Byte(1); // an output parameter, not the result of a function
        UserType(wire);
        _buffer.UInt16(0x01);
        wire.WriteInfo(_buffer, _collation);
        ValueWriter.Write(_buffer, wire, value);
        Send();
    }

    public void TextChange(EnvironmentChange change, string newValue, string oldValue)
    {
        Start(Token.EnvironmentChange);
        int start = _buffer.ReserveLength();
        _buffer.Byte((byte)change);
        _buffer.ByteText(newValue);
        _buffer.ByteText(oldValue);
        _buffer.SetLength(start);
        Send();
    }

    public void BinaryChange(EnvironmentChange change, ReadOnlySpan<byte> newValue, ReadOnlySpan<byte> oldValue)
    {
        Start(Token.EnvironmentChange);
        int start = _buffer.ReserveLength();
        _buffer.Byte((byte)change);
        _buffer.Byte((byte)newValue.Length);
        _buffer.Bytes(newValue);
        _buffer.Byte((byte)oldValue.Length);
        _buffer.Bytes(oldValue);
        _buffer.SetLength(start);
        Send();
    }

    /// <summary>Announces the collation of the server, without which SqlClient cannot send text parameters.</summary>
    public void CollationChange() => BinaryChange(EnvironmentChange.Collation, _collation, default);

    public void LoginAcknowledged(uint tdsVersion)
    {
        Start(Token.LoginAck);
        int start = _buffer.ReserveLength();
        _buffer.Byte(1); // the SQL dialect is T-SQL
        for (int shift = 24; shift >= 0; shift -= 8)
            _buffer.Byte((byte)(tdsVersion >> shift));
        _buffer.ByteText(TdsProtocol.ProgramName);
        _buffer.Byte(TdsProtocol.ServerMajor);
        _buffer.Byte(TdsProtocol.ServerMinor);
        _buffer.Byte(TdsProtocol.ServerBuild >> 8);
        _buffer.Byte(TdsProtocol.ServerBuild & 0xFF);
        _buffer.SetLength(start);
        Send();
    }

    public void Flush() => _packets.Flush();

    public void End() => _packets.End();

    private void UserType(WireType type)
    {
        if (Dialect.IsYukon)
            _buffer.UInt32(type.UserType);
        else
            _buffer.UInt16((ushort)type.UserType);
    }

    // The old long types cannot be output parameters; their max counterparts hold the same, the longest limited type what fits.
    private SqlType Returnable(SqlType type) => Dialect.Shown(type) switch
    {
        { Kind: SqlKind.Text } => Dialect.IsYukon ? SqlType.VarCharMax : SqlType.VarChar(8000),
        { Kind: SqlKind.NText } => Dialect.IsYukon ? SqlType.NVarCharMax : SqlType.NVarChar(4000),
        { Kind: SqlKind.Image } => Dialect.IsYukon ? SqlType.VarBinaryMax : new SqlType(SqlKind.VarBinary, WireType.MaxBytes),
        var shown => shown,
    };

    private void Start(Token token)
    {
        _buffer.Clear();
        _buffer.Token(token);
    }

    private void Send() => _packets.Write(_buffer.Written);
}
