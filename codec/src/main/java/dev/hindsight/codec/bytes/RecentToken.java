package dev.hindsight.codec.bytes;

import java.util.Arrays;

/**
 * Tokens of keys, the last one of which is remembered: cursors over replicas come to the same partition one after the other,
 * and comparing a key is a tenth of hashing it. One thread.
 */
public final class RecentToken {
    private byte[] key = new byte[64];
    private int length = -1;
    private long token;

    /** As {@link Tokens#of(byte[], int, int)}. */
    public long of(byte[] bytes, int at, int count) {
        if (count == length && isKey(bytes, at)) {
            return token;
        }
        long found = Tokens.of(bytes, at, count);
        if (key.length < count) {
            key = new byte[2 * count];
        }
        System.arraycopy(bytes, at, key, 0, count);
        length = count;
        token = found;
        return found;
    }

    private boolean isKey(byte[] bytes, int at) {
        return length <= ShortRuns.MAX_LENGTH
                ? ShortRuns.equal(key, 0, bytes, at, length)
                : Arrays.equals(key, 0, length, bytes, at, at + length);
    }
}
