using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>CROSS APPLY and OUTER APPLY: the right side is run for each row of the left.</summary>
internal sealed class ApplyNode(Scope scope, FromNode left, FromNode right, bool outer) : FromNode(scope)
{
    private readonly List<Conjunct> _after = [];

    public override bool Covers(int slot) => left.Covers(slot) || right.Covers(slot);

    public override void Push(Conjunct conjunct)
    {
        if (conjunct.Within(left))
        {
            left.Push(conjunct);
        }
        else
        {
            _after.Add(conjunct);
        }
    }

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] row in left.Rows(frame))
        {
            Frame applied = new(frame.Context, frame.Outer) { Row = row };
            bool any = false;
            foreach (object?[] other in right.Rows(applied))
            {
                any = true;
                object?[] merged = (object?[])row.Clone();
                for (int i = 0; i < merged.Length; i++)
                {
                    if (right.Covers(i))
                    {
                        merged[i] = other[i];
                    }
                }

                if (Passes(_after, own, merged))
                {
                    yield return merged;
                }
            }

            if (!any && outer && Passes(_after, own, row))
            {
                yield return row;
            }
        }
    }
}
