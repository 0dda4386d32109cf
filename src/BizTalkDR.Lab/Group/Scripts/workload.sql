-- Run in: every backed-up database of the practice group. Rows of the practice workload, and filler of the chosen size.
CREATE TABLE dbo.LabWork
(
    Id bigint NOT NULL CONSTRAINT PK_LabWork PRIMARY KEY,
    Payload nvarchar(400) NOT NULL,
    WrittenAt datetime2 NOT NULL CONSTRAINT DF_LabWork_WrittenAt DEFAULT (SYSUTCDATETIME())
);
GO

CREATE TABLE dbo.LabFiller
(
    Id int NOT NULL CONSTRAINT PK_LabFiller PRIMARY KEY,
    Content varbinary(7800) NOT NULL
);
GO

CREATE PROCEDURE dbo.LabWork_Write
    @Id bigint,
    @Payload nvarchar(400)
AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO dbo.LabWork (Id, Payload) VALUES (@Id, @Payload);
    RETURN @@ERROR;
END
GO
