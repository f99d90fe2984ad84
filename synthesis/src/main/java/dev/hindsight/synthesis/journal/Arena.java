package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.RowFormat;
import java.util.Arrays;

/**
 * The bytes of a batch, one behind the other. {@link #bytes} becomes another array when it grows; what was written stays in
 * the old one too. Position {@link #END} always holds the end marker of a partition. One thread.
 */
final class Arena {
    static final int END = 0;

    byte[] bytes;
    int length;

    Arena(int capacity) {
        bytes = new byte[Math.max(64, capacity)];
        clear();
    }

    void clear() {
        bytes[END] = RowFormat.END_OF_PARTITION;
        length = 1;
    }

    void append(byte[] from, int at, int count) {
        ensure(count);
        System.arraycopy(from, at, bytes, length, count);
        length += count;
    }

    void append(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    private void ensure(int count) {
        if (bytes.length - length >= count) {
            return;
        }
        long needed = (long) length + count;
        if (needed > Integer.MAX_VALUE - 64) {
            throw new MalformedException("an update with its neighbours has " + needed + " bytes");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 64, needed + (needed >> 2)));
    }
}
