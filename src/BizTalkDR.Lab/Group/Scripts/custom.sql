-- Run in: a custom database: application data that is updated in the same transactions as the group.
CREATE TABLE dbo.Customer
(
    CustomerId int NOT NULL CONSTRAINT PK_Customer PRIMARY KEY,
    Name nvarchar(200) NOT NULL
);
GO

INSERT INTO dbo.Customer (CustomerId, Name) VALUES (1, N'Contoso'), (2, N'Fabrikam'), (3, N'Northwind');
GO
