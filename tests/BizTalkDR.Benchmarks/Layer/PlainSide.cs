using BizTalkDR.Ports;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>The same statements as text on a connection of their own, with nothing around them.</summary>
internal sealed class PlainSide(SqlConnection connection) : ISide
{
    public void Call(GroupProcedureCall call)
    {
        using SqlCommand command = Command(SqlText.Call(call.Procedure).Replace("EXEC dbo.", $"EXEC {SqlText.Name(call.ManagementDatabase)}.dbo.", System.StringComparison.Ordinal));
        if (call.Procedure is GroupProcedure.BackupAllFull or GroupProcedure.MarkAll)
        {
            command.Parameters.AddWithValue("@MarkName", call.MarkName);
            command.Parameters.AddWithValue("@BackupPath", call.Path);
            command.Parameters.AddWithValue("@UseLocalTime", call.UseLocalTime);
        }

        command.ExecuteNonQuery();
    }

    public int ReadHeaders(string path)
    {
        using SqlCommand command = Command($"RESTORE HEADERONLY FROM DISK = {SqlText.Literal(path)};");
        using SqlDataReader reader = command.ExecuteReader();
        object[] values = new object[reader.FieldCount];
        int rows = 0;
        while (reader.Read())
        {
            reader.GetValues(values);
            rows++;
        }

        return rows;
    }

    public void Restore(RestoreStatement statement) => Run(SqlText.Restore(statement));

    public void Open(string database) => Run(SqlText.SetAccess(database, DatabaseAccess.MultiUser));

    public void Dispose() => connection.Dispose();

    private void Run(string text)
    {
        using SqlCommand command = Command(text);
        command.ExecuteNonQuery();
    }

    private SqlCommand Command(string text) => new(text, connection) { CommandTimeout = 0 };
}
