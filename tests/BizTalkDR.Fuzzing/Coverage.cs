namespace BizTalkDR.Fuzzing;

/// <summary>Counts the ways taken through the instrumented reader: each pair of neighbouring blocks of code has a place in the map.</summary>
public static class Coverage
{
    internal const int Places = 1 << 16;

    private static int s_previous;

    internal static byte[] Map { get; } = new byte[Places];

    /// <summary>Called at the start of every block of code.</summary>
    public static void Hit(int block)
    {
        int place = (block ^ s_previous) & (Places - 1);
        byte count = Map[place];
        if (count < byte.MaxValue)
            Map[place] = (byte)(count + 1);
        s_previous = block >> 1;
    }

    internal static void Clear()
    {
        System.Array.Clear(Map);
        s_previous = 0;
    }

    /// <summary>Takes over what the last input did that none before did: a way never taken, or taken about twice as often as ever.</summary>
    /// <param name="seen">For each place the orders of magnitude seen so far, one bit each.</param>
    /// <returns>How many places were new, by either measure.</returns>
    internal static int Learn(byte[] seen)
    {
        int fresh = 0;
        for (int i = 0; i < Places; i++)
        {
            if (Map[i] == 0)
                continue;
            byte bit = (byte)(1 << System.Numerics.BitOperations.Log2(Map[i]));
            if ((seen[i] & bit) != 0)
                continue;
            seen[i] |= bit;
            fresh++;
        }

        return fresh;
    }
}
