package dev.hindsight.agent.capture;

import java.util.Arrays;

/** Some frames, gathered until it is known when they had become readable. Reused; one thread. */
final class Frames {
    private static final int MOST_KEPT = 4 << 20;

    byte[] bytes = new byte[64 << 10];
    int[] positions = new int[256];
    /** Where each begins; one more than there are frames. */
    int[] offsets = new int[257];

    int count;

    int sizeBytes() {
        return offsets[count];
    }

    void add(int position, byte[] from, int at, int length) {
        int start = offsets[count];
        if (bytes.length - start < length) {
            bytes = Arrays.copyOf(bytes, Math.max(start + length, 2 * bytes.length));
        }
        if (count == positions.length) {
            positions = Arrays.copyOf(positions, 2 * count);
            offsets = Arrays.copyOf(offsets, 2 * count + 1);
        }
        System.arraycopy(from, at, bytes, start, length);
        positions[count] = position;
        count++;
        offsets[count] = start + length;
    }

    void clear() {
        count = 0;
        if (bytes.length > MOST_KEPT) {
            bytes = new byte[64 << 10];
        }
    }
}
