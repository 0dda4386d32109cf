using System.Linq;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class TableTests
{
    private static InterpLab Work()
    {
        var lab = new InterpLab();
        lab.Do("CREATE DATABASE work");
        lab.Do("USE work");
        return lab;
    }

    [Fact]
    public void Creates_tables_with_every_kind_of_constraint()
    {
        using InterpLab lab = Work();
        lab.Do("""
            CREATE TABLE dbo.parent (id int NOT NULL CONSTRAINT pk_parent PRIMARY KEY, code nvarchar(10) NOT NULL CONSTRAINT uq_code UNIQUE);
            CREATE TABLE dbo.child (
                id bigint IDENTITY(10, 5) NOT NULL, parent int NULL CONSTRAINT fk_parent REFERENCES dbo.parent (id), amount decimal(9, 2) NOT NULL CONSTRAINT df_amount DEFAULT (1.5),
                made datetime NOT NULL DEFAULT GETDATE(), doubled AS (amount * 2), CONSTRAINT pk_child PRIMARY KEY CLUSTERED (id DESC), CONSTRAINT ck_amount CHECK (amount > 0));
            CREATE UNIQUE INDEX ix_made ON dbo.child (made, id);
            INSERT dbo.parent VALUES (1, N'one');
            INSERT dbo.child (parent) VALUES (1), (NULL);
            """);
        Assert.Equal("10,1,3\n15,NULL,3", lab.Do("SELECT id, parent, CONVERT(int, doubled) FROM dbo.child ORDER BY id").Text());
        Assert.Equal([547], lab.Run("INSERT dbo.child (parent) VALUES (9)").ErrorNumbers);
        Assert.Equal([547], lab.Run("INSERT dbo.child (amount) VALUES (-1)").ErrorNumbers);
        Assert.Equal([2627], lab.Run("INSERT dbo.parent VALUES (2, N'ONE')").ErrorNumbers);
        Assert.Equal([547], lab.Run("DELETE dbo.parent").ErrorNumbers);
        Assert.Equal([3726], lab.Run("DROP TABLE dbo.parent").ErrorNumbers);
        Assert.Equal([2714], lab.Run("CREATE TABLE dbo.parent (a int)").ErrorNumbers);
        Assert.Equal("fk_parent,F \nck_amount,C \npk_child,PK\ndf_amount,D ", lab.Do("SELECT name, type FROM sys.objects WHERE parent_object_id = OBJECT_ID('dbo.child') AND name NOT LIKE 'DF[_][_]%' ORDER BY CASE type WHEN 'F' THEN 1 WHEN 'C' THEN 2 WHEN 'PK' THEN 3 ELSE 4 END").Text());
    }

    [Fact]
    public void Alters_columns_and_constraints()
    {
        using InterpLab lab = Work();
        lab.Do("CREATE TABLE dbo.t (a int NOT NULL, b nvarchar(10) NULL); INSERT dbo.t VALUES (1, N'x'), (2, NULL)");
        lab.Do("ALTER TABLE dbo.t ADD c int NOT NULL CONSTRAINT df_c DEFAULT 7, d int NULL");
        Assert.Equal("1,x,7,NULL\n2,NULL,7,NULL", lab.Do("SELECT * FROM dbo.t").Text());
        Assert.Equal([4901], lab.Run("ALTER TABLE dbo.t ADD e int NOT NULL").ErrorNumbers);
        lab.Do("ALTER TABLE dbo.t ALTER COLUMN a bigint NOT NULL");
        Assert.Equal("bigint", lab.Scalar("SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 't' AND COLUMN_NAME = 'a'"));
        Assert.Equal([5074, 4922], lab.Run("ALTER TABLE dbo.t DROP COLUMN c").ErrorNumbers);
        lab.Do("ALTER TABLE dbo.t DROP CONSTRAINT df_c; ALTER TABLE dbo.t DROP COLUMN c, d");
        Assert.Equal("1,x\n2,NULL", lab.Do("SELECT * FROM dbo.t").Text());
        Assert.Equal([547], lab.Run("ALTER TABLE dbo.t ADD CONSTRAINT ck CHECK (a > 1)").ErrorNumbers);
        lab.Do("ALTER TABLE dbo.t WITH NOCHECK ADD CONSTRAINT ck CHECK (a > 1)");
        Assert.Equal([547], lab.Run("INSERT dbo.t VALUES (0, NULL)").ErrorNumbers);
        Assert.Equal([1505], lab.Run("INSERT dbo.t VALUES (2, N'x'); CREATE UNIQUE INDEX ix ON dbo.t (a)").ErrorNumbers);
        Assert.Equal([4902], lab.Run("ALTER TABLE dbo.missing ADD a int").ErrorNumbers);
    }

    [Fact]
    public void Rolls_schema_changes_back()
    {
        using InterpLab lab = Work();
        lab.Do("BEGIN TRAN; CREATE TABLE dbo.t (a int); INSERT dbo.t VALUES (1); ROLLBACK");
        Assert.Equal(System.DBNull.Value, lab.Scalar("SELECT OBJECT_ID('dbo.t')") ?? System.DBNull.Value);
    }

    [Fact]
    public void Truncates_and_reseeds()
    {
        using InterpLab lab = Work();
        lab.Do("CREATE TABLE dbo.t (id int IDENTITY, v int); INSERT dbo.t (v) VALUES (1), (2); TRUNCATE TABLE dbo.t; INSERT dbo.t (v) VALUES (3)");
        Assert.Equal("1,3", lab.Do("SELECT id, v FROM dbo.t").Text());
        lab.Do("DBCC CHECKIDENT('dbo.t', RESEED, 41) WITH NO_INFOMSGS; INSERT dbo.t (v) VALUES (4)");
        Assert.Equal(42, lab.Scalar("SELECT MAX(id) FROM dbo.t"));
        lab.Do("SET IDENTITY_INSERT dbo.t ON; INSERT dbo.t (id, v) VALUES (100, 5); SET IDENTITY_INSERT dbo.t OFF");
        Assert.Equal(100m, lab.Scalar("SELECT IDENT_CURRENT('dbo.t')"));
    }

    [Fact]
    public void Selects_into_new_tables()
    {
        using InterpLab lab = Work();
        lab.Do("SELECT 1 AS a, N'x' AS b INTO dbo.made; INSERT dbo.made VALUES (2, N'y')");
        Assert.Equal(2, lab.Scalar("SELECT COUNT(*) FROM dbo.made"));
        Assert.Equal([2714], lab.Run("SELECT 1 AS a INTO dbo.made").ErrorNumbers);
    }

    [Fact]
    public void Renames_tables_columns_and_indexes()
    {
        using InterpLab lab = Work();
        lab.Do("CREATE TABLE dbo.t (a int PRIMARY KEY); INSERT dbo.t VALUES (5)");
        lab.Do("EXEC sp_rename 'dbo.t', 'u'; EXEC sp_rename 'dbo.u.a', 'b', 'COLUMN'");
        Assert.Equal(5, lab.Scalar("SELECT b FROM dbo.u"));
        Assert.Equal([15225], lab.Run("EXEC sp_rename 'dbo.none', 'x'").ErrorNumbers);
    }

    [Fact]
    public void Keeps_what_was_committed_over_a_restart()
    {
        using InterpLab lab = Work();
        lab.Do("CREATE TABLE dbo.t (a int PRIMARY KEY); INSERT dbo.t VALUES (1)");
        lab.Do("CREATE PROCEDURE dbo.p AS SELECT COUNT(*) FROM dbo.t");
        lab.Do("EXEC sp_addrole N'readers'; GRANT EXECUTE ON dbo.p TO readers");
        lab.Restart();
        Assert.Equal(1, lab.Scalar("EXEC work.dbo.p"));
        Assert.Equal(1, lab.Scalar("SELECT COUNT(*) FROM work.sys.database_permissions WHERE permission_name = 'EXECUTE'"));
    }

    [Fact]
    public void Shows_the_catalogue()
    {
        using InterpLab lab = Work();
        lab.Do("CREATE TABLE dbo.t (a int NOT NULL PRIMARY KEY, b nvarchar(30) NULL)");
        lab.Do("CREATE PROCEDURE dbo.p @x int, @y nvarchar(20) = NULL OUTPUT AS RETURN");
        Assert.Equal("a,int,4,0\nb,nvarchar,60,1", lab.Do("SELECT c.name, t.name, c.max_length, c.is_nullable FROM sys.columns AS c JOIN sys.types AS t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.t') ORDER BY c.column_id").Text());
        Assert.Equal("@x,0\n@y,1", lab.Do("SELECT name, is_output FROM sys.parameters WHERE object_id = OBJECT_ID(N'dbo.p', N'P') ORDER BY parameter_id").Text());
        Assert.Equal("1,1", lab.Do("SELECT OBJECTPROPERTY(OBJECT_ID('dbo.p'), 'IsProcedure'), INDEXPROPERTY(OBJECT_ID('dbo.t'), (SELECT name FROM sys.indexes WHERE object_id = OBJECT_ID('dbo.t')), 'IsUnique')").Text());
        Assert.Equal("p,P ", lab.Do("SELECT name, xtype FROM sysobjects WHERE name = 'p'").Text());
        Assert.Equal(4, lab.Scalar("SELECT COUNT(*) FROM master..sysdatabases WHERE dbid <= 4"));
        Assert.Equal([208], lab.Run("SELECT * FROM sys.no_such_view").ErrorNumbers);
    }
}
