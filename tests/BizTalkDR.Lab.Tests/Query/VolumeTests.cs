using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>Joins and lookups over many rows stay far from quadratic: the bounds are loose, a quadratic plan misses them by minutes.</summary>
public sealed class VolumeTests : IDisposable
{
    private readonly QueryLab _lab = new();

    public VolumeTests()
    {
        _lab.Run("CREATE TABLE big (id int NOT NULL PRIMARY KEY, k int NOT NULL); CREATE TABLE heap (id int NOT NULL, k int NOT NULL)");
        _lab.Run("""
            WITH n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 199)
            INSERT big SELECT a.i * 200 + b.i, (a.i * 200 + b.i) % 1000 FROM n a CROSS JOIN n b OPTION (MAXRECURSION 0)
            """);
        _lab.Run("INSERT heap SELECT id, k FROM big");
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("SELECT COUNT(*) FROM big a JOIN big b ON b.id = a.id", "40000")]
    [InlineData("SELECT COUNT(*) FROM heap a JOIN heap b ON b.id = a.id", "40000")]
    [InlineData("SELECT COUNT(*) FROM heap a LEFT JOIN heap b ON b.id = a.id + 1", "40000")]
    [InlineData("SELECT COUNT(*) FROM heap a, heap b WHERE a.id = b.id AND a.k = 1", "40")]
    [InlineData("SELECT COUNT(*) FROM heap a WHERE EXISTS (SELECT 1 FROM heap b WHERE b.id = a.id + 1)", "39999")]
    [InlineData("SELECT COUNT(*) FROM heap a WHERE a.id IN (SELECT id FROM heap)", "40000")]
    [InlineData("SELECT SUM(x.c) FROM (SELECT (SELECT COUNT(*) FROM big b WHERE b.id = a.id) AS c FROM heap a) x", "40000")]
    [InlineData("SELECT COUNT(*) FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) r FROM heap) x WHERE r <= 10", "10")]
    [InlineData("SELECT COUNT(*) FROM (SELECT k, COUNT(*) c FROM heap GROUP BY k) x", "1000")]
    public void Answers_in_time(string sql, string row) => Assert.Equal([row], _lab.Run(sql));

    [Fact]
    public void Inserts_single_rows_quickly()
    {
        _lab.Transaction = _lab.Instance.Begin();
        for (int i = 0; i < 10000; i++)
        {
            _lab.Run($"INSERT heap (id, k) VALUES ({i}, {i})");
        }

        _lab.Instance.Commit(_lab.Transaction);
        _lab.Transaction = null;
        Assert.Equal(["50000"], _lab.Run("SELECT COUNT(*) FROM heap"));
    }
}
