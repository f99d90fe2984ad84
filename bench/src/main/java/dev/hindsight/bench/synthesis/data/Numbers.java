package dev.hindsight.bench.synthesis.data;

/** Random numbers as a function of what they are for, so that every replica's flush finds the same ones. */
final class Numbers {
    private static final String[] WORDS =
            ("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike"
                            + " november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu pressure"
                            + " valve nominal reading sensor drift battery charge warning calm open closed north south east west"
                            + " upper lower")
                    .split(" ");

    private final long seed;

    Numbers(long seed) {
        this.seed = seed;
    }

    /** Of row {@code row} in partition {@code partition}, the {@code use}-th number. */
    long of(int partition, int row, int use) {
        return mix(seed ^ mix(((long) partition << 24) + row) + use * 0x9e3779b97f4a7c15L);
    }

    /** SplitMix64's finaliser. */
    static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    static String word(long number) {
        return WORDS[(int) Long.remainderUnsigned(number, WORDS.length)];
    }

    /** A text of so many words, a quarter of them with a number. */
    static String words(long number, int count) {
        StringBuilder out = new StringBuilder(count * 8);
        long drawn = number;
        for (int i = 0; i < count; i++) {
            drawn = mix(drawn + 0x9e3779b97f4a7c15L);
            if (i > 0) {
                out.append(' ');
            }
            out.append(word(drawn >>> 8 & 0xffff));
            if ((drawn & 3) == 0) {
                out.append(drawn >>> 40 & 0x3ff);
            }
        }
        return out.toString();
    }
}
