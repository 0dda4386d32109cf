using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>One instance in this process with the smallest group there is; one member, a MessageBox, has content.</summary>
internal sealed class MemberLab : IAsyncDisposable
{
    public const string Member = "BizTalkMsgBoxDb";
    public const string Copy = "RestoredMember";
    private const string Server = "LABSQL1";

    private readonly LabFolder _folder;
    private readonly LabEnvironment _environment;
    private readonly X509Certificate2 _certificate;
    private readonly TdsListener _listener;

    private MemberLab(LabFolder folder, LabEnvironment environment)
    {
        _folder = folder;
        _environment = environment;
        Requests = new CountingServer(environment.Host(Server).Server);
        _certificate = LabCertificate.LoadOrCreate(folder.FullPath);
        _listener = new TdsListener(Requests, _certificate);
        _listener.Start();
    }

    public CountingServer Requests { get; }

    public string BackupFolder => _folder.BackupFolder;

    public string DataFolder => Path.Combine(_folder.FullPath, "restored");

    public SqlInstanceAddress Address
    {
        get
        {
            System.Security.SecureString password = new();
            foreach (char c in _environment.Password)
                password.AppendChar(c);
            return new SqlInstanceAddress(Settings.DataSource) { Login = new SqlLogin("sa", password), TrustServerCertificate = true };
        }
    }

    private SqlConnectionStringBuilder Settings => new()
    {
        DataSource = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1,{_listener.Port}"),
        UserID = "sa",
        Password = _environment.Password,
        Encrypt = SqlConnectionEncryptOption.Mandatory,
        TrustServerCertificate = true,
        Pooling = false,
        ConnectRetryCount = 0,
    };

    public static async Task<MemberLab> StartAsync(int sizeMegabytes)
    {
        LabFolder folder = LabFolder.Create(Directory.CreateTempSubdirectory("biztalkdr-benchmark-").FullName, [Server], 1, null);
        LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { Faulted = defect => throw new InvalidOperationException("Defect of the lab.", defect) });
        GroupDefinition group = new()
        {
            Servers = [Server],
            Members =
            [
                new(MemberRole.Management, GroupDefinition.DefaultManagementDatabase, Server, 0),
                new(MemberRole.MessageBox, Member, Server, sizeMegabytes * 1048576L),
                new(MemberRole.Tracking, "BizTalkDTADb", Server, 0),
            ],
        };
        await new GroupBuilder(group, environment.ConnectionStrings).BuildAsync();
        MemberLab lab = new(folder, environment);
        Directory.CreateDirectory(lab.DataFolder);
        return lab;
    }

    /// <summary>From now on the instance writes no faster than the volume takes it.</summary>
    public void Limit(RatedVolume volume) => _environment.Host(Server).Instance.Storage.BeforeWrite = volume.Write;

    /// <summary>Opens a plain connection in master.</summary>
    public SqlConnection Open()
    {
        SqlConnection connection = new(Settings.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Changes a sixteenth of the content, so that the log backup has something to hold.</summary>
    public static void Touch(SqlConnection connection, int round)
    {
        using SqlCommand command = new($"UPDATE {Member}.dbo.LabFiller SET Content = CAST(REPLICATE(CAST(@c AS varchar(max)), 7800) AS varbinary(max)) WHERE Id % 16 = @r;", connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("@c", ((char)('a' + (round % 26))).ToString());
        command.Parameters.AddWithValue("@r", round % 16);
        command.ExecuteNonQuery();
    }

    /// <summary>Finds the member's newest full, its newest log and the mark in it.</summary>
    public static (string Full, string Log, string Mark) NewestFiles(SqlConnection connection)
    {
        using SqlCommand command = new(
            $"SELECT BackupType, BackupFileLocation, BackupFileName, MarkName FROM {GroupDefinition.DefaultManagementDatabase}.dbo.adm_BackupHistory "
            + "WHERE DatabaseName = @member ORDER BY BackupId;",
            connection);
        command.Parameters.AddWithValue("@member", Member);
        (string full, string log, string mark) = (string.Empty, string.Empty, string.Empty);
        using SqlDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            string path = Path.Combine(reader.GetString(1), reader.GetString(2));
            if (reader.GetString(0).Trim() == "db")
                full = path;
            else
                (log, mark) = (path, reader.GetString(3));
        }

        return (full, log, mark);
    }

    /// <summary>Gives a place to every file of the backup.</summary>
    public IReadOnlyList<FileMove> Moves(SqlConnection connection, string full)
    {
        using SqlCommand command = new($"RESTORE FILELISTONLY FROM DISK = N'{full}';", connection);
        using SqlDataReader reader = command.ExecuteReader();
        List<FileMove> moves = [];
        while (reader.Read())
            moves.Add(new FileMove(reader.GetString(0), Path.Combine(DataFolder, Path.GetFileName(reader.GetString(1)))));
        return moves;
    }

    /// <summary>Takes away what a round made.</summary>
    public void Clear(SqlConnection connection)
    {
        using SqlCommand command = new($"IF DB_ID(N'{Copy}') IS NOT NULL DROP DATABASE {Copy};", connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
        foreach (string file in Directory.EnumerateFiles(BackupFolder))
            File.Delete(file);
    }

    /// <summary>Gives the length of a member's backup.</summary>
    public static long SizeOf(string path) => new FileInfo(path).Length;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _certificate.Dispose();
        SqlConnection.ClearAllPools();
        await _environment.DisposeAsync();
        Directory.Delete(_folder.FullPath, recursive: true);
    }
}
