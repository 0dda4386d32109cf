using System;
using System.Collections.Generic;
using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

[Collection("tds")]
public sealed class RequestTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Several_results_counts_and_a_change_of_database_arrive_in_order()
    {
        _lab.Server.OnBatch = (_, _, sink, _) =>
        {
            sink.DatabaseChanged("msdb", "master");
            sink.Message(new SqlMessage(5701, 0, 1, "Changed database context to 'msdb'."));
            Answers.Scalar(sink, SqlType.Int, 1);
            sink.StatementDone(5, isSelect: false, inProcedure: false);
            Answers.Scalar(sink, SqlType.NVarChar(10), "two");
            sink.StatementDone(7, isSelect: false, inProcedure: true);
            sink.ReturnStatus(0);
        };
        using SqlConnection connection = _lab.Open();
        List<int> counts = [];
        using SqlCommand command = new("x", connection);
        command.StatementCompleted += (_, e) => counts.Add(e.RecordCount);
        using SqlDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(1, reader.GetInt32(0));
        Assert.True(reader.NextResult());
        Assert.True(reader.Read());
        Assert.Equal("two", reader.GetString(0));
        Assert.False(reader.NextResult());
        reader.Close();
        Assert.Equal(12, reader.RecordsAffected);
        Assert.Equal([1, 5, 1, 7], counts);
        Assert.Equal("msdb", connection.Database);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_arrive_while_the_statement_still_runs(bool strict)
    {
        using SemaphoreSlim next = new(0);
        _lab.Server.OnBatch = (_, _, sink, _) =>
        {
            for (int percent = 10; percent <= 50; percent += 10)
            {
                sink.Message(new SqlMessage(3211, 10, 1, $"{percent} percent processed."));
                Assert.True(next.Wait(TimeSpan.FromSeconds(30)));
            }

            sink.Message(new SqlMessage(3201, 16, 2, "Cannot open backup device.", "p", 4));
            sink.Message(new SqlMessage(3013, 16, 1, "BACKUP LOG is terminating abnormally."));
            sink.StatementDone(null, false, false);
        };
        using SqlConnection connection = new(strict ? _lab.Strict().ConnectionString : _lab.Settings().ConnectionString);
        connection.Open();
        connection.FireInfoMessageEventOnUserErrors = true;
        List<string> seen = [];
        connection.InfoMessage += (_, e) =>
        {
            // The server waits for each message to be seen: all at the end would never come.
            seen.AddRange(e.Errors.Cast<SqlError>().Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Number}/{m.Class}/{m.State}/{m.Procedure}/{m.LineNumber}")));
            next.Release();
        };
        using SqlCommand command = new("BACKUP", connection);
        command.ExecuteNonQuery();
        Assert.Equal([.. Enumerable.Repeat("3211/0/1//1", 5), "3201/16/2/p/4", "3013/16/1//1"], seen);
    }

    [Fact]
    public void Errors_carry_number_class_state_line_and_procedure()
    {
        _lab.Server.OnBatch = (_, text, sink, _) =>
        {
            Answers.Scalar(sink, SqlType.Int, 1);
            throw new LabSqlException(new SqlMessage(547, 16, 3, "The statement conflicted.", "dbo.p", 42));
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        SqlException error = Assert.Throws<SqlException>(() => command.ExecuteNonQuery());
        Assert.Equal((547, 16, 3, 42, "dbo.p"), (error.Number, error.Class, error.State, error.LineNumber, error.Procedure));
        Assert.Equal(ConnectionState.Open, connection.State);
        _lab.Server.OnBatch = (_, _, sink, _) => Answers.Scalar(sink, SqlType.Int, 2);
        Assert.Equal(2, command.ExecuteScalar());
    }

    [Fact]
    public void A_severity_of_20_ends_the_connection()
    {
        _lab.Server.OnBatch = (_, _, _, _) => throw new LabSqlException(824, 24, 2, "logical consistency-based I/O error");
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("x", connection);
        SqlException error = Assert.Throws<SqlException>(() => command.ExecuteNonQuery());
        Assert.Equal((824, 24), (error.Number, error.Class));
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    [Fact]
    public void A_defect_of_the_session_is_reported_and_ends_only_that_connection()
    {
        _lab.Server.OnBatch = (_, text, _, _) =>
        {
            if (text == "boom")
                throw new InvalidOperationException("defect");
        };
        using SqlConnection other = _lab.Open();
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("boom", connection);
        Assert.Equal(3624, Assert.Throws<SqlException>(() => command.ExecuteNonQuery()).Number);
        Assert.Equal("defect", Assert.Single(_lab.Faults).Message);
        using SqlCommand fine = new("fine", other);
        fine.ExecuteNonQuery();
    }

    [Fact]
    public void Sp_executesql_takes_a_statement_longer_than_4000_characters()
    {
        IReadOnlyList<RpcParameter> seen = [];
        _lab.Server.OnRpc = (_, procedure, parameters, sink, _) =>
        {
            Assert.Equal("sp_executesql", procedure);
            seen = parameters;
            Answers.Scalar(sink, SqlType.Int, 3);
            sink.ReturnStatus(0);
        };
        string text = "SELECT @a --" + new string('x', 9000);
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new(text, connection);
        command.Parameters.AddWithValue("@a", "value");
        Assert.Equal(3, command.ExecuteScalar());
        Assert.Equal(SqlKind.NText, seen[0].Type.Kind);
        Assert.Equal(text, seen[0].Value);
        Assert.Equal("@a nvarchar(5)", seen[1].Value);
        Assert.Equal(("@a", "value"), (seen[2].Name, seen[2].Value));
    }

    [Fact]
    public void Prepared_commands_use_their_handle()
    {
        List<string> calls = [];
        _lab.Server.OnRpc = (_, procedure, parameters, sink, _) =>
        {
            calls.Add(procedure);
            if (procedure == "sp_prepexec")
                sink.OutputParameter("@handle", SqlType.Int, 77);
            else
                Assert.Equal(77, parameters[0].Value);
            Answers.Scalar(sink, SqlType.Int, parameters[^1].Value);
            sink.ReturnStatus(0);
        };
        using SqlConnection connection = _lab.Open();
        using (SqlCommand command = new("SELECT @a", connection))
        {
            command.Parameters.Add("@a", SqlDbType.Int).Value = 1;
            command.Prepare();
            Assert.Equal(1, command.ExecuteScalar());
            command.Parameters[0].Value = 2;
            Assert.Equal(2, command.ExecuteScalar());
        }

        Assert.Equal(["sp_prepexec", "sp_execute"], calls.Take(2));
    }

    [Fact]
    public void Several_calls_in_one_message_are_executed_one_after_the_other()
    {
        _lab.Server.OnRpc = (_, _, parameters, sink, _) =>
        {
            if ((int)parameters[^1].Value! == 2)
                throw new LabSqlException(547, 16, 0, "second failed");
            sink.StatementDone(1, false, true);
            sink.ReturnStatus(0);
        };
        using SqlConnection connection = _lab.Open();
        using SqlBatch batch = new(connection);
        for (int i = 1; i <= 3; i++)
        {
            SqlBatchCommand command = new("INSERT t VALUES(@a)");
            command.Parameters.AddWithValue("@a", i);
            batch.BatchCommands.Add(command);
        }

        Assert.Equal(547, Assert.Throws<SqlException>(() => batch.ExecuteNonQuery()).Number);
        Assert.Equal(3, _lab.Server.Log.Count(l => l == "rpc sp_executesql"));
    }

    [Fact]
    public void A_default_parameter_is_not_sent_to_the_procedure()
    {
        IReadOnlyList<RpcParameter> seen = [];
        _lab.Server.OnRpc = (_, _, parameters, _, _) => seen = parameters;
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("p", connection) { CommandType = CommandType.StoredProcedure };
        command.Parameters.Add("@given", SqlDbType.Int).Value = 1;
        command.Parameters.Add("@default", SqlDbType.Int).Value = null;
        command.ExecuteNonQuery();
        Assert.Equal("@given", Assert.Single(seen).Name);
    }

    [Fact]
    public void Table_valued_parameters_are_refused_and_the_connection_lives()
    {
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("p", connection) { CommandType = CommandType.StoredProcedure };
        using DataTable table = new();
        table.Columns.Add("a", typeof(int));
        table.Rows.Add(1);
        command.Parameters.Add(new SqlParameter("@t", SqlDbType.Structured) { TypeName = "dbo.T", Value = table });
        Assert.Equal(8009, Assert.Throws<SqlException>(() => command.ExecuteNonQuery()).Number);
        command.Parameters.Clear();
        command.ExecuteNonQuery();
    }

    [Fact]
    public void Requests_and_answers_may_be_longer_than_many_packets()
    {
        byte[] sent = new byte[5_000_000];
        new Random(1).NextBytes(sent);
        _lab.Server.OnRpc = (_, _, parameters, sink, _) =>
        {
            Answers.Scalar(sink, SqlType.VarBinaryMax, parameters[^1].Value);
            sink.ReturnStatus(0);
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("SELECT @a", connection);
        command.Parameters.Add("@a", SqlDbType.VarBinary, -1).Value = sent;
        Assert.Equal(sent, command.ExecuteScalar());
    }

    [Fact]
    public void Transactions_begin_save_roll_back_and_commit()
    {
        using SqlConnection connection = _lab.Open();
        using (SqlTransaction transaction = connection.BeginTransaction(IsolationLevel.Serializable, "outer"))
        {
            transaction.Save("here");
            transaction.Rollback("here");
            transaction.Commit();
        }

        using (SqlTransaction transaction = connection.BeginTransaction())
            transaction.Rollback();
        Assert.Equal(
            [
                "transaction Begin outer 4 False", "transaction Save here 0 False", "transaction Rollback here 0 False",
                "transaction Commit  0 False", "transaction Begin  2 False", "transaction Rollback  0 False",
            ],
            _lab.Server.Log);
    }

    [Fact]
    public async Task A_cancelled_statement_leaves_the_connection_usable()
    {
        using SemaphoreSlim started = new(0);
        _lab.Server.OnBatch = (_, text, sink, cancellation) =>
        {
            sink.Columns([new ResultColumn("v", SqlType.Int)]);
            if (text != "wait")
            {
                sink.Row([5]);
                sink.StatementDone(1, true, false);
                return;
            }

            sink.Row([1]);
            started.Release();
            cancellation.WaitHandle.WaitOne();

            // A session that only notices later must not disturb the answer.
            sink.Row([2]);
            sink.Message(new SqlMessage(3204, 16, 1, "The backup or restore was aborted."));
            cancellation.ThrowIfCancellationRequested();
        };
        using SqlConnection connection = _lab.Open();
        for (int i = 0; i < 5; i++)
        {
            using SqlCommand command = new("wait", connection);
            Task<SqlException> run = Task.Run(() => Assert.Throws<SqlException>(() => command.ExecuteScalar()));
            await started.WaitAsync(TimeSpan.FromSeconds(30));
            command.Cancel();
            SqlException error = await run;
            Assert.Contains("cancelled", error.Message, StringComparison.Ordinal);
            using SqlCommand after = new("after", connection);
            Assert.Equal(5, after.ExecuteScalar());
        }
    }

    [Fact]
    public void A_command_timeout_is_error_minus_2_and_the_connection_goes_on()
    {
        _lab.Server.OnBatch = (_, text, sink, cancellation) =>
        {
            if (text == "wait")
                cancellation.WaitHandle.WaitOne();
            else
                Answers.Scalar(sink, SqlType.Int, 9);
            cancellation.ThrowIfCancellationRequested();
        };
        using SqlConnection connection = _lab.Open();
        using SqlCommand command = new("wait", connection) { CommandTimeout = 1 };
        Assert.Equal(-2, Assert.Throws<SqlException>(() => command.ExecuteNonQuery()).Number);
        using SqlCommand after = new("after", connection);
        Assert.Equal(9, after.ExecuteScalar());
    }

    [Fact]
    public void A_reader_closed_early_gets_its_attention_acknowledged()
    {
        _lab.Server.OnBatch = (_, _, sink, cancellation) =>
        {
            sink.Columns([new ResultColumn("v", SqlType.NVarChar(200))]);
            for (int i = 0; i < 20_000 && !cancellation.IsCancellationRequested; i++)
                sink.Row([new string('x', 200)]);
            sink.StatementDone(20_000, true, false);
        };
        using SqlConnection connection = _lab.Open();
        for (int i = 0; i < 10; i++)
        {
            using SqlCommand command = new("x", connection);
            using SqlDataReader reader = command.ExecuteReader();
            Assert.True(reader.Read());
            command.Cancel();
        }

        Assert.Equal(10, _lab.Server.Log.Count);
    }

    [Fact]
    public void A_large_result_is_streamed_and_a_slow_reader_holds_up_nobody()
    {
        long sent = 0;
        _lab.Server.OnBatch = (_, text, sink, cancellation) =>
        {
            if (text != "large")
            {
                Answers.Scalar(sink, SqlType.Int, 1);
                return;
            }

            sink.Columns([new ResultColumn("v", SqlType.VarBinaryMax)]);
            byte[] block = new byte[64 * 1024];
            for (int i = 0; i < 1600 && !cancellation.IsCancellationRequested; i++)
            {
                sink.Row([block]);
                Interlocked.Add(ref sent, block.Length);
            }

            sink.StatementDone(1600, true, false);
        };
        using SqlConnection slow = _lab.Open();
        using SqlCommand large = new("large", slow);
        using SqlDataReader reader = large.ExecuteReader();
        Assert.True(reader.Read());
        using SqlConnection other = _lab.Open();
        using SqlCommand small = new("small", other);
        Assert.Equal(1, small.ExecuteScalar());

        // What the server could send without the client reading is what the sockets hold.
        Assert.True(Interlocked.Read(ref sent) < 64L * 1024 * 1024);
        long rows = 1;
        while (reader.Read())
            rows++;
        Assert.Equal(1600, rows);
    }

    [Fact]
    public void A_hundred_connections_work_at_the_same_time()
    {
        _lab.Server.OnBatch = (session, text, sink, _) => Answers.Scalar(sink, SqlType.NVarChar(100), text + session.SessionId.ToString(CultureInfo.InvariantCulture));
        using Barrier allOpen = new(100);
        Exception?[] failures = new Exception?[100];
        Thread[] threads = [.. Enumerable.Range(0, 100).Select(i => new Thread(() =>
        {
            try
            {
                using SqlConnection connection = _lab.Open(s => s.Encrypt = SqlConnectionEncryptOption.Optional);
                Assert.True(allOpen.SignalAndWait(TimeSpan.FromSeconds(100)));
                for (int n = 0; n < 20; n++)
                {
                    using SqlCommand command = new("SELECT " + new string('a', n), connection);
                    Assert.Equal(command.CommandText + connection.ServerProcessId.ToString(CultureInfo.InvariantCulture), command.ExecuteScalar());
                }
            }
            catch (Exception error)
            {
                failures[i] = error;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(failures, Assert.Null);
        Assert.Equal(2000, _lab.Server.Log.Count(l => l.StartsWith("batch", StringComparison.Ordinal)));
    }
}
