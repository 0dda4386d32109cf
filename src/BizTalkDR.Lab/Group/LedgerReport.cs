using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Group;

/// <summary>Compares one member with the ledger.</summary>
/// <param name="Member">Key of the member.</param>
/// <param name="RowsExpected">Rows the ledger asks for, undecided transactions included that were found anywhere.</param>
/// <param name="RowsFound">Rows that are there.</param>
/// <param name="Missing">Transactions that should be there and are not.</param>
/// <param name="Unexpected">Transactions that are there and should not be.</param>
public sealed record MemberComparison(string Member, int RowsExpected, int RowsFound, IReadOnlyList<long> Missing, IReadOnlyList<long> Unexpected)
{
    public bool Ok => Missing.Count == 0 && Unexpected.Count == 0;
}

/// <summary>Says whether the members hold exactly what the ledger says they must hold.</summary>
/// <param name="Members">One comparison for each member that was read.</param>
/// <param name="Halves">Transactions found in some of their members only.</param>
/// <param name="Undecided">Number of transactions that may be in or out, as long as it is everywhere.</param>
public sealed record LedgerReport(IReadOnlyList<MemberComparison> Members, IReadOnlyList<long> Halves, int Undecided)
{
    public bool Ok => Halves.Count == 0 && Members.All(member => member.Ok);
}
