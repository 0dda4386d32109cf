using System;
using System.Collections.Generic;
using System.Globalization;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer;

/// <summary>A database of a lab, as the programs of its computers use it: a connection for each call, over the network.</summary>
internal abstract class LabTables(string connectionString)
{
    /// <summary>Sees that the database can be used.</summary>
    /// <exception cref="SqlException">It cannot.</exception>
    public void Require() => Open().Dispose();

    /// <summary>Runs a query.</summary>
    public List<T> Rows<T>(string query, Func<SqlDataReader, T> row, params (string Name, object Value)[] parameters)
    {
        using SqlConnection connection = Open();
        using SqlCommand command = Command(connection, query, parameters);
        using SqlDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    /// <summary>Runs statements in one transaction: all of them, or none.</summary>
    public void Run(params IEnumerable<(string Statement, (string Name, object Value)[] Parameters)> statements)
    {
        using SqlConnection connection = Open();
        using SqlTransaction transaction = connection.BeginTransaction();
        foreach ((string statement, (string Name, object Value)[] parameters) in statements)
        {
            using SqlCommand command = Command(connection, statement, parameters);
            command.Transaction = transaction;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>How to reach a database of a lab; null when the instance does not run.</summary>
    protected static string? ConnectionTo(LabFolder lab, string server, string database) => LabDirectory.Open(lab.DirectoryFile).Find(server) is not { } endpoint ? null
        : new SqlConnectionStringBuilder
        {
            DataSource = string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host},{endpoint.Port}"),
            InitialCatalog = database,
            UserID = "sa",
            Password = lab.ReadPassword(),
            Encrypt = SqlConnectionEncryptOption.Mandatory,
            TrustServerCertificate = true,
            Pooling = false,
            ConnectTimeout = 30,
        }.ConnectionString;

    private static SqlCommand Command(SqlConnection connection, string text, (string Name, object Value)[] parameters)
    {
        SqlCommand command = new(text, connection);
        foreach ((string name, object value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private SqlConnection Open()
    {
        SqlConnection connection = new(connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
