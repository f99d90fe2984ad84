package dev.hindsight.codec.sstable.write;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hash by which Statistics.db estimates the number of distinct keys: MurmurHash 2 with seed 0, but the bytes behind the
 * last block of 8 are extended with their sign.
 *
 * <p>Source: {@code org.apache.cassandra.utils.MurmurHash.hash2_64} 5.0.9.
 */
final class Murmur2 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long M = 0xc6a4a7935bd1e995L;
    private static final int R = 47;

    private Murmur2() {}

    static long hash(byte[] key, int length) {
        long hash = M * length;
        int whole = length & ~7;
        for (int i = 0; i < whole; i += 8) {
            long k = (long) LONG.get(key, i) * M;
            hash = (hash ^ (k ^ k >>> R) * M) * M;
        }
        if (whole < length) {
            for (int i = length - 1; i >= whole; i--) {
                hash ^= (long) key[i] << 8 * (i - whole);
            }
            hash *= M;
        }
        hash = (hash ^ hash >>> R) * M;
        return hash ^ hash >>> R;
    }
}
