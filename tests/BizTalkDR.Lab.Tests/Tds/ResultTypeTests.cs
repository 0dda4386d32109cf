using System;
using System.Data;
using System.Data.SqlTypes;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>Every type with a value that shows its limits, as result, as variant, as parameter and as output parameter.</summary>
[Collection("tds")]
public sealed class ResultTypeTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, TypeCases.All.Length)];

    public void Dispose() => _lab.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_value_arrives_as_it_was_sent(int index)
    {
        TypeCase sample = TypeCases.All[index];
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Table(sink, [new("a", SqlType.Int), new("v", sample.Type), new("z", SqlType.NVarChar(10))], [1, sample.Value, "end"], [1, null, "end"]);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        using SqlDataReader reader = command.ExecuteReader();
        Assert.Equal(sample.TypeName, reader.GetDataTypeName(1));
        Assert.True(reader.Read());
        Assert.Equal(1, reader.GetInt32(0));
        Assert.Equal(sample.Expected, reader.GetValue(1));
        Assert.Equal("end", reader.GetString(2));
        Assert.True(reader.Read());
        Assert.Equal(DBNull.Value, reader.GetValue(1));
        Assert.Equal("end", reader.GetString(2));
        Assert.False(reader.Read());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_value_arrives_inside_a_variant(int index)
    {
        TypeCase sample = TypeCases.All[index];
        if (!sample.FitsVariant)
            return;
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Table(
            sink, [new("v", SqlType.Variant), new("z", SqlType.Int)], [new SqlVariant(sample.Type, sample.Value), 7], [null, 8]);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        using SqlDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(sample.Expected, reader.GetValue(0));
        Assert.Equal(7, reader.GetInt32(1));
        Assert.True(reader.Read());
        Assert.True(reader.IsDBNull(0));
        Assert.Equal(8, reader.GetInt32(1));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_parameter_arrives_and_comes_back_as_output(int index)
    {
        TypeCase sample = TypeCases.All[index];
        RpcParameter? seen = null;
        _lab.Server.OnRpc = (_, name, parameters, sink, _) =>
        {
            Assert.Equal("dbo.p", name);
            seen = parameters[0];
            sink.OutputParameter("@out", sample.Type, sample.Value);
            sink.OutputParameter("@null", sample.Type, null);
            sink.ReturnStatus(-6);
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("dbo.p", connection) { CommandType = CommandType.StoredProcedure };
        command.Parameters.Add(sample.Parameter("@in", ParameterDirection.Input));
        if (sample.DbType is not (SqlDbType.Text or SqlDbType.NText or SqlDbType.Image))
        {
            command.Parameters.Add(sample.Parameter("@out", ParameterDirection.InputOutput));
            command.Parameters.Add(sample.Parameter("@null", ParameterDirection.Output));
        }

        SqlParameter status = command.Parameters.Add("@status", SqlDbType.Int);
        status.Direction = ParameterDirection.ReturnValue;
        command.ExecuteNonQuery();
        Assert.Equal(sample.SentType ?? sample.Type, seen!.Type);
        Assert.Equal(sample.Sent ?? sample.Value, seen.Value);
        Assert.Equal(-6, status.Value);
        if (command.Parameters.Contains("@out"))
        {
            Assert.Equal(sample.Expected, command.Parameters["@out"].Value);
            Assert.Equal(DBNull.Value, command.Parameters["@null"].Value);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_variant_parameter_carries_the_type_inside(int index)
    {
        TypeCase sample = TypeCases.All[index];
        if (!sample.FitsVariant || sample.Value is DateTime { Year: < 1753 }) // SqlClient sends a variant DateTime as datetime
            return;
        object? seen = null;
        _lab.Server.OnRpc = (_, _, parameters, sink, _) =>
        {
            seen = parameters[0].Value;
            Assert.Equal(SqlType.Variant, parameters[0].Type);
            sink.OutputParameter("@out", SqlType.Variant, new SqlVariant(sample.Type, sample.Value));
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("p", connection) { CommandType = CommandType.StoredProcedure };
        command.Parameters.Add(new SqlParameter("@in", SqlDbType.Variant) { Value = sample.Expected });
        SqlParameter output = new("@out", SqlDbType.Variant) { Direction = ParameterDirection.Output };
        command.Parameters.Add(output);
        command.ExecuteNonQuery();
        SqlVariant variant = Assert.IsType<SqlVariant>(seen);
        if (sample.Value is not DateTime)
            Assert.Equal(sample.Value, variant.Value);
        Assert.Equal(sample.Expected, output.Value);
    }

    [Fact]
    public void A_null_of_every_type_is_a_null_parameter()
    {
        _lab.Server.OnRpc = (_, _, parameters, sink, _) =>
        {
            Assert.All(parameters, p => Assert.Null(p.Value));
            sink.ReturnStatus(parameters.Count);
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("p", connection) { CommandType = CommandType.StoredProcedure };
        for (int i = 0; i < TypeCases.All.Length; i++)
        {
            SqlParameter parameter = TypeCases.All[i].Parameter("@p" + i.ToString(CultureInfo.InvariantCulture), ParameterDirection.Input);
            parameter.Value = DBNull.Value;
            command.Parameters.Add(parameter);
        }

        SqlParameter status = new("@status", SqlDbType.Int) { Direction = ParameterDirection.ReturnValue };
        command.Parameters.Add(status);
        command.ExecuteNonQuery();
        Assert.Equal(TypeCases.All.Length, status.Value);
    }

    [Fact]
    public void Numbers_of_38_digits_pass_as_far_as_a_decimal_holds_them()
    {
        RpcParameter? seen = null;
        _lab.Server.OnRpc = (_, _, parameters, sink, _) => seen = parameters[0];
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("p", connection) { CommandType = CommandType.StoredProcedure };
        SqlParameter number = new("@n", SqlDbType.Decimal) { Precision = 38, Scale = 10, Value = SqlDecimal.Parse("1234567890123456789.5000000000") };
        command.Parameters.Add(number);
        command.ExecuteNonQuery();
        Assert.Equal(1234567890123456789.5m, seen!.Value);
        Assert.Equal(SqlType.Decimal(38, 10), seen.Type);
        number.Scale = 0;
        number.Value = SqlDecimal.Parse(new string('9', 38));
        SqlException error = Assert.Throws<SqlException>(() => command.ExecuteNonQuery());
        Assert.Equal(8115, error.Number);
        number.Value = 5m;
        command.ExecuteNonQuery();
        Assert.Equal(5m, seen.Value);
    }

    [Fact]
    public void A_result_that_does_not_fit_its_type_is_an_error_between_rows()
    {
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Table(sink, [new("v", SqlType.Decimal(5, 2))], [1.5m], [100000m]);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        using SqlDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(1.50m, reader.GetDecimal(0));
        Assert.Equal(8115, Assert.Throws<SqlException>(() => reader.Read()).Number);
        reader.Close();
        Assert.Empty(_lab.Faults);
    }

    [Fact]
    public void Columns_say_what_they_are()
    {
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Table(sink, [new("id", SqlType.BigInt, Nullable: false, IsIdentity: true), new("", SqlType.NVarChar(30)), new("stamp", new SqlType(SqlKind.RowVersion)), new("n", SqlType.LsnNumber)]);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        using SqlDataReader reader = command.ExecuteReader();
        DataTable schema = reader.GetSchemaTable()!;
        Assert.Equal(["id", "", "stamp", "n"], schema.Rows.Cast<DataRow>().Select(r => (string)r["ColumnName"]));
        Assert.Equal([false, true, true, true], schema.Rows.Cast<DataRow>().Select(r => (bool)r["AllowDBNull"]));
        Assert.True((bool)schema.Rows[0]["IsIdentity"]);
        Assert.Equal(30, schema.Rows[1]["ColumnSize"]);
        Assert.Equal((short)25, schema.Rows[3]["NumericPrecision"]);
        Assert.Equal("timestamp", reader.GetDataTypeName(2));
    }

    [Fact]
    public void Rows_of_many_nulls_and_of_none_mix()
    {
        SqlType[] types = [.. TypeCases.All.Select(c => c.Type)];
        ResultColumn[] columns = [.. types.Select((t, i) => new ResultColumn("c" + i.ToString(CultureInfo.InvariantCulture), t))];
        Random random = new(7);
        object?[][] rows = [.. Enumerable.Range(0, 200).Select(_ => TypeCases.All.Select(c => random.Next(3) == 0 ? c.Value : null).ToArray())];
        rows[17] = [.. TypeCases.All.Select(c => c.Value)];
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Table(sink, columns, rows);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        using SqlDataReader reader = command.ExecuteReader();
        foreach (object?[] row in rows)
        {
            Assert.True(reader.Read());
            for (int i = 0; i < row.Length; i++)
                Assert.Equal(row[i] is null ? DBNull.Value : TypeCases.All[i].Expected, reader.GetValue(i));
        }

        Assert.False(reader.Read());
    }
}
