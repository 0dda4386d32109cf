using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>Turns definitions of tables and modules into the bytes the catalogue's rows hold, and back.</summary>
internal static class CatalogueCodec
{
    private const byte Version = 1;

    public static byte[] Encode(TableDef table)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(table.ObjectId);
        writer.Write(table.Schema);
        writer.Write(table.Name);
        writer.Write(table.CreateDate.Ticks);
        writer.Write(table.ModifyDate.Ticks);
        writer.Write(table.IsSystem);
        WriteList(writer, table.Columns, WriteColumn);
        WriteList(writer, table.Indexes, WriteIndex);
        WriteList(writer, table.Checks, (w, c) =>
        {
            w.Write(c.Name);
            w.Write(c.Text);
        });
        WriteList(writer, table.ForeignKeys, WriteForeignKey);
        writer.Write7BitEncodedInt(table.FileGroupId);
        writer.Flush();
        return stream.ToArray();
    }

    public static TableDef DecodeTable(byte[] bytes)
    {
        using BinaryReader reader = Open(bytes);
        return new TableDef
        {
            ObjectId = reader.ReadInt32(),
            Schema = reader.ReadString(),
            Name = reader.ReadString(),
            CreateDate = new DateTime(reader.ReadInt64()),
            ModifyDate = new DateTime(reader.ReadInt64()),
            IsSystem = reader.ReadBoolean(),
            Columns = ReadList(reader, ReadColumn),
            Indexes = ReadList(reader, ReadIndex),
            Checks = ReadList(reader, r => new CheckDef { Name = r.ReadString(), Text = r.ReadString() }),
            ForeignKeys = ReadList(reader, ReadForeignKey),

            // Definitions written before there were file groups end here.
            FileGroupId = reader.BaseStream.Position < reader.BaseStream.Length ? reader.Read7BitEncodedInt() : FileGroupEntry.Primary,
        };
    }

    public static byte[] Encode(ModuleDef module)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(module.ObjectId);
        writer.Write(module.Schema);
        writer.Write(module.Name);
        writer.Write((byte)module.Kind);
        writer.Write(module.Text);
        writer.Write(module.QuotedIdentifiers);
        writer.Write(module.AnsiNulls);
        writer.Write(module.ParentObjectId);
        writer.Write(module.CreateDate.Ticks);
        writer.Write(module.ModifyDate.Ticks);
        writer.Flush();
        return stream.ToArray();
    }

    public static ModuleDef DecodeModule(byte[] bytes)
    {
        using BinaryReader reader = Open(bytes);
        return new ModuleDef
        {
            ObjectId = reader.ReadInt32(),
            Schema = reader.ReadString(),
            Name = reader.ReadString(),
            Kind = (ModuleKind)reader.ReadByte(),
            Text = reader.ReadString(),
            QuotedIdentifiers = reader.ReadBoolean(),
            AnsiNulls = reader.ReadBoolean(),
            ParentObjectId = reader.ReadInt32(),
            CreateDate = new DateTime(reader.ReadInt64()),
            ModifyDate = new DateTime(reader.ReadInt64()),
        };
    }

    private static BinaryReader Open(byte[] bytes)
    {
        BinaryReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        byte version = reader.ReadByte();
        return version == Version ? reader : throw new InvalidDataException($"The catalogue holds a definition of version {version}; this lab knows {Version}.");
    }

    private static void WriteColumn(BinaryWriter writer, ColumnDef column)
    {
        writer.Write(column.Name);
        writer.Write((byte)column.Type.Kind);
        writer.Write(column.Type.Length);
        writer.Write(column.Type.Precision);
        writer.Write(column.Type.Scale);
        writer.Write(column.ColumnId);
        writer.Write(column.Nullable);
        writer.Write(column.IsIdentity);
        writer.Write(column.IdentitySeed);
        writer.Write(column.IdentityIncrement);
        WriteText(writer, column.DefaultName);
        WriteText(writer, column.DefaultText);
        WriteText(writer, column.ComputedText);
    }

    private static ColumnDef ReadColumn(BinaryReader reader) => new()
    {
        Name = reader.ReadString(),
        Type = new SqlType((SqlKind)reader.ReadByte(), reader.ReadInt32(), reader.ReadByte(), reader.ReadByte()),
        ColumnId = reader.ReadInt32(),
        Nullable = reader.ReadBoolean(),
        IsIdentity = reader.ReadBoolean(),
        IdentitySeed = reader.ReadInt64(),
        IdentityIncrement = reader.ReadInt64(),
        DefaultName = ReadText(reader),
        DefaultText = ReadText(reader),
        ComputedText = ReadText(reader),
    };

    private static void WriteIndex(BinaryWriter writer, IndexDef index)
    {
        writer.Write(index.Name);
        writer.Write(index.IndexId);
        writer.Write(index.ObjectId);
        writer.Write(index.IsUnique);
        writer.Write(index.IsPrimaryKey);
        writer.Write(index.IsUniqueConstraint);
        writer.Write(index.IsClustered);
        WriteList(writer, index.Columns, (w, c) =>
        {
            w.Write(c.Column);
            w.Write(c.Descending);
        });
    }

    private static IndexDef ReadIndex(BinaryReader reader) => new()
    {
        Name = reader.ReadString(),
        IndexId = reader.ReadInt32(),
        ObjectId = reader.ReadInt32(),
        IsUnique = reader.ReadBoolean(),
        IsPrimaryKey = reader.ReadBoolean(),
        IsUniqueConstraint = reader.ReadBoolean(),
        IsClustered = reader.ReadBoolean(),
        Columns = ReadList(reader, r => (r.ReadString(), r.ReadBoolean())),
    };

    private static void WriteForeignKey(BinaryWriter writer, ForeignKeyDef key)
    {
        writer.Write(key.Name);
        WriteList(writer, key.Columns, (w, c) => w.Write(c));
        writer.Write(key.ReferencedSchema);
        writer.Write(key.ReferencedTable);
        WriteList(writer, key.ReferencedColumns, (w, c) => w.Write(c));
    }

    private static ForeignKeyDef ReadForeignKey(BinaryReader reader) => new()
    {
        Name = reader.ReadString(),
        Columns = ReadList(reader, r => r.ReadString()),
        ReferencedSchema = reader.ReadString(),
        ReferencedTable = reader.ReadString(),
        ReferencedColumns = ReadList(reader, r => r.ReadString()),
    };

    private static void WriteList<T>(BinaryWriter writer, List<T> list, Action<BinaryWriter, T> write)
    {
        writer.Write7BitEncodedInt(list.Count);
        foreach (T item in list)
        {
            write(writer, item);
        }
    }

    private static List<T> ReadList<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        int count = reader.Read7BitEncodedInt();
        List<T> list = new(count);
        for (int i = 0; i < count; i++)
        {
            list.Add(read(reader));
        }

        return list;
    }

    private static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
        {
            writer.Write(text);
        }
    }

    private static string? ReadText(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
