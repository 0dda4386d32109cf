namespace BizTalkDR.Lab.Tds;

/// <summary>Reads transaction manager requests (2.2.6.9).</summary>
internal static class TransactionMessage
{
    private const byte BeginsNew = 1;

    /// <exception cref="TdsProtocolException">Something in the message is out of range.</exception>
    /// <exception cref="BizTalkDR.Lab.Engine.LabSqlException">8501: a request of the distributed transaction coordinator.</exception>
    public static TransactionRequest Read(TdsReader reader, string serverName)
    {
        TransactionRequestKind kind = (TransactionRequestKind)reader.UInt16();
        switch (kind)
        {
            case TransactionRequestKind.Begin:
                byte isolation = Isolation(reader);
                return new TransactionRequest(kind, Name(reader), isolation, false, null, 0);
            case TransactionRequestKind.Commit or TransactionRequestKind.Rollback:
                string? name = Name(reader);
                if ((reader.Byte() & BeginsNew) == 0)
                    return new TransactionRequest(kind, name, 0, false, null, 0);
                byte newIsolation = Isolation(reader);
                return new TransactionRequest(kind, name, 0, true, Name(reader), newIsolation);
            case TransactionRequestKind.Save:
                return new TransactionRequest(kind, Name(reader), 0, false, null, 0);
            default:
                throw TdsErrors.CoordinatorUnavailable(serverName);
        }
    }

    private static byte Isolation(TdsReader reader) =>
        reader.Byte() is var level && level <= 5 ? level : throw new TdsProtocolException("The isolation level is out of range.");

    /// <summary>A byte with the count of bytes, then UTF-16; null when empty.</summary>
    private static string? Name(TdsReader reader)
    {
        string name = reader.Unicode(reader.Byte());
        return name.Length == 0 ? null : name;
    }
}
