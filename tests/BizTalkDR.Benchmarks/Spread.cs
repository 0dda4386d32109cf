using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Benchmarks;

/// <summary>A median and the interval its true value lies in with 95 % confidence.</summary>
internal sealed record Spread(double Median, double Low, double High)
{
    private const int Resamples = 10_000;

    /// <summary>Percentile bootstrap of the median; the seed is fixed, so the same figures give the same interval.</summary>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        double[] sample = [.. values];
        double[] drawn = new double[sample.Length];
        double[] medians = new double[Resamples];
        Random random = new(20_240_506);
        for (int i = 0; i < Resamples; i++)
        {
            for (int j = 0; j < drawn.Length; j++)
                drawn[j] = sample[random.Next(sample.Length)];
            medians[i] = MedianOf(drawn);
        }

        Array.Sort(medians);
        return new Spread(MedianOf(sample), medians[(int)(Resamples * 0.025)], medians[(int)(Resamples * 0.975)]);
    }

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
