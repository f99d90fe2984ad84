package dev.hindsight.synthesis.journal;

import java.util.Arrays;

/** Pieces of an {@link Arena} in their order, from and to; neighbours that touch are one. One thread. */
final class Pieces {
    private int[] ends = new int[8];
    private int count;

    int size() {
        return count;
    }

    int from(int piece) {
        return ends[2 * piece];
    }

    int to(int piece) {
        return ends[2 * piece + 1];
    }

    /** Where the last one ends; -1 when there is none. */
    int end() {
        return count == 0 ? -1 : to(count - 1);
    }

    void add(int from, int to) {
        if (from == to) {
            return;
        }
        if (count > 0 && end() == from) {
            ends[2 * count - 1] = to;
            return;
        }
        if (2 * count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * ends.length);
        }
        ends[2 * count] = from;
        ends[2 * count + 1] = to;
        count++;
    }

    void addAll(Pieces others) {
        for (int i = 0; i < others.count; i++) {
            add(others.from(i), others.to(i));
        }
    }

    void clear() {
        count = 0;
    }
}
