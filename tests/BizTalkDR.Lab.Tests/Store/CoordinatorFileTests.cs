using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class CoordinatorFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-coordinator-").FullName;

    private string FilePath => Path.Combine(_folder, "decisions");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Remembers_decisions_until_their_participants_have_confirmed()
    {
        Guid one = Guid.NewGuid();
        Guid two = Guid.NewGuid();
        using (CoordinatorFile file = CoordinatorFile.Open(new LabStorage(), FilePath))
        {
            file.Decide(one, ["LAB2", "LAB3"]);
            file.Decide(two, []);
            Assert.False(file.TryForget(one));
            file.Confirm(one, "lab2");
            Assert.True(file.TryForget(two));
            Assert.False(file.IsCommitted(two));
        }

        using CoordinatorFile again = CoordinatorFile.Open(new LabStorage(), FilePath);
        Assert.Equal("LAB3", Assert.Single(Assert.Single(again.Decisions).Servers));
        again.Confirm(one, "LAB3");
        Assert.True(again.TryForget(one));
        Assert.Empty(again.Decisions);
    }

    [Fact]
    public void A_torn_record_was_never_decided()
    {
        Guid one = Guid.NewGuid();
        using (CoordinatorFile file = CoordinatorFile.Open(new LabStorage(), FilePath))
        {
            file.Decide(one, []);
            file.Decide(Guid.NewGuid(), []);
        }

        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = whole.Length - 1; length >= whole.Length / 2; length--)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            using CoordinatorFile again = CoordinatorFile.Open(new LabStorage(), FilePath);
            Assert.Equal([one], again.Decisions.Select(d => d.GlobalId));
        }
    }

    [Fact]
    public void Stays_small_and_loses_nothing_while_many_decide_at_once()
    {
        List<Guid> kept = [];
        using (CoordinatorFile file = CoordinatorFile.Open(new LabStorage(), FilePath, compactBeyondBytes: 4096))
        {
            Parallel.For(0, 4, _ =>
            {
                for (int i = 0; i < 100; i++)
                {
                    Guid id = Guid.NewGuid();
                    file.Decide(id, i % 20 == 0 ? ["LAB2"] : []);
                    if (!file.TryForget(id))
                    {
                        lock (kept)
                        {
                            kept.Add(id);
                        }
                    }
                }
            });
            Assert.Equal(20, kept.Count);
            Assert.InRange(new FileInfo(FilePath).Length, 1, 8192);
        }

        using CoordinatorFile again = CoordinatorFile.Open(new LabStorage(), FilePath);
        Assert.Equal(kept.Order(), again.Decisions.Select(d => d.GlobalId).Order());
    }
}
