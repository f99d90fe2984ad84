package dev.hindsight.codec.sstable.write;

/**
 * Filter.db: {@code int(hashes) int(words of 8 bytes) [byte]*}, bit i in byte i/8 from the low end. Bits are kept in pages,
 * so that a large filter needs no large piece of the heap. None takes more than {@link #MAX_BYTES}, whatever is expected.
 * One thread.
 *
 * <p>Source: {@code BloomFilter}, {@code BloomCalculations}, {@code FilterFactory}, {@code OffHeapBitSet} 5.0.9.
 */
final class BloomFilter {
    /** For 50 million keys at the usual rate of 0.01. */
    static final long MAX_BYTES = 64L << 20;

    private static final int PAGE_SHIFT = 17;
    private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    private static final int MIN_BUCKETS = 2;

    /** Bits beyond what the keys need: {@code FilterFactory.BITSET_EXCESS}. */
    private static final int EXCESS_BITS = 20;

    /**
     * False positive rates by bits per key (row) and number of hashes (column), from
     * http://pages.cs.wisc.edu/~cao/papers/summary-cache/node8.html, as Cassandra has them.
     */
    private static final double[][] RATES = {
        {1.0},
        {1.0, 1.0},
        {1.0, 0.393, 0.400},
        {1.0, 0.283, 0.237, 0.253},
        {1.0, 0.221, 0.155, 0.147, 0.160},
        {1.0, 0.181, 0.109, 0.092, 0.092, 0.101},
        {1.0, 0.154, 0.0804, 0.0609, 0.0561, 0.0578, 0.0638},
        {1.0, 0.133, 0.0618, 0.0423, 0.0359, 0.0347, 0.0364},
        {1.0, 0.118, 0.0489, 0.0306, 0.024, 0.0217, 0.0216, 0.0229},
        {1.0, 0.105, 0.0397, 0.0228, 0.0166, 0.0141, 0.0133, 0.0135, 0.0145},
        {1.0, 0.0952, 0.0329, 0.0174, 0.0118, 0.00943, 0.00844, 0.00819, 0.00846},
        {1.0, 0.0869, 0.0276, 0.0136, 0.00864, 0.0065, 0.00552, 0.00513, 0.00509},
        {1.0, 0.08, 0.0236, 0.0108, 0.00646, 0.00459, 0.00371, 0.00329, 0.00314},
        {1.0, 0.074, 0.0203, 0.00875, 0.00492, 0.00332, 0.00255, 0.00217, 0.00199, 0.00194},
        {1.0, 0.0689, 0.0177, 0.00718, 0.00381, 0.00244, 0.00179, 0.00146, 0.00129, 0.00121, 0.0012},
        {1.0, 0.0645, 0.0156, 0.00596, 0.003, 0.00183, 0.00128, 0.001, 0.000852, 0.000775, 0.000744},
        {1.0, 0.0606, 0.0138, 0.005, 0.00239, 0.00139, 0.000935, 0.000702, 0.000574, 0.000505, 0.00047, 0.000459},
        {
            1.0, 0.0571, 0.0123, 0.00423, 0.00193, 0.00107, 0.000692, 0.000499, 0.000394, 0.000335, 0.000302, 0.000287,
            0.000284
        },
        {
            1.0, 0.054, 0.0111, 0.00362, 0.00158, 0.000839, 0.000519, 0.00036, 0.000275, 0.000226, 0.000198, 0.000183,
            0.000176
        },
        {
            1.0, 0.0513, 0.00998, 0.00312, 0.0013, 0.000663, 0.000394, 0.000264, 0.000194, 0.000155, 0.000132, 0.000118,
            0.000111, 0.000109
        },
        {
            1.0, 0.0488, 0.00906, 0.0027, 0.00108, 0.00053, 0.000303, 0.000196, 0.00014, 0.000108, 8.89e-05, 7.77e-05,
            7.12e-05, 6.79e-05, 6.71e-05
        },
    };

    private final int hashes;
    private final long isFullAt;
    private final long bits;
    private final byte[][] pages;

    /** 2^64 / {@link #bits}, rounded down. */
    private final long reciprocal;

    /**
     * @param falsePositives rate that is asked for, below 1; rates below what 20 bits per key can give get that
     */
    BloomFilter(long expectedKeys, double falsePositives) {
        int perKey = MIN_BUCKETS;
        int count;
        if (falsePositives >= RATES[MIN_BUCKETS][1]) {
            // Cassandra takes 2 hashes and as many bits per key as the best number of hashes for 2 bits is: 1.
            count = 2;
            perKey = best(MIN_BUCKETS);
        } else {
            count = best(perKey);
            while (perKey < RATES.length - 1 && RATES[perKey][count] > falsePositives) {
                perKey++;
                count = best(perKey);
            }
            while (RATES[perKey][count - 1] <= falsePositives) {
                count--;
            }
        }
        long most = (MAX_BYTES * 8 - EXCESS_BITS) / perKey;
        long words = (Math.min(expectedKeys, most) * perKey + EXCESS_BITS - 1 >>> 6) + 1;
        hashes = count;
        isFullAt = expectedKeys > most ? most : Long.MAX_VALUE;
        bits = words << 6;
        reciprocal = Long.divideUnsigned(-1, bits);
        long bytes = words << 3;
        pages = new byte[Math.toIntExact((bytes + PAGE_BYTES - 1) >>> PAGE_SHIFT)][];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new byte[(int) Math.min(PAGE_BYTES, bytes - ((long) i << PAGE_SHIFT))];
        }
    }

    /** How many keys it takes at its rate; without limit when those expected found room. */
    long isFullAt() {
        return isFullAt;
    }

    private static int best(int perKey) {
        int best = 1;
        for (int i = 1; i < RATES[perKey].length; i++) {
            if (RATES[perKey][i] < RATES[perKey][best]) {
                best = i;
            }
        }
        return best;
    }

    /** Both halves of the key's {@link dev.hindsight.codec.bytes.Tokens#hash}. */
    void add(long first, long second) {
        long at = second;
        for (int i = 0; i < hashes; i++) {
            long bit = remainder(at);
            long index = bit >>> 3;
            pages[(int) (index >>> PAGE_SHIFT)][(int) index & PAGE_BYTES - 1] |= (byte) (1 << (bit & 7));
            at += first;
        }
    }

    /**
     * {@code Math.abs(number % bits)} without a division, which would be most of what a partition costs: the quotient by the
     * reciprocal is right or one too small.
     */
    private long remainder(long number) {
        long positive = Math.abs(number);
        if (positive < 0) {
            return Math.abs(number % bits);
        }
        long rest = positive - Math.multiplyHigh(positive, reciprocal) * bits;
        return rest >= bits ? rest - bits : rest;
    }

    void write(OutputFile to) {
        to.putInt4(hashes);
        to.putInt4((int) (bits >>> 6));
        for (byte[] page : pages) {
            to.put(page, 0, page.length);
        }
    }
}
