-- Run in: master. Makes one member database of the practice group, empty and in the full recovery model.
IF DB_ID(N'$(DatabaseName)') IS NULL
    CREATE DATABASE [$(DatabaseName)];
GO
ALTER DATABASE [$(DatabaseName)] SET RECOVERY FULL;
GO
