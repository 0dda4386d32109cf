-- Run in: master. Lets this instance call the other one, transactions included.
IF NOT EXISTS (SELECT 1 FROM sys.servers WHERE name = N'$(LinkedServer)')
    EXEC sp_addlinkedserver @server = N'$(LinkedServer)', @srvproduct = N'SQL Server';
GO
EXEC sp_serveroption @server = N'$(LinkedServer)', @optname = 'rpc', @optvalue = 'true';
GO
EXEC sp_serveroption @server = N'$(LinkedServer)', @optname = 'rpc out', @optvalue = 'true';
GO
