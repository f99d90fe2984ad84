package dev.hindsight.codec.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Murmur3 tokens of partition keys. Cassandra's hash is not quite MurmurHash3_x64_128: the bytes behind the last block of
 * 16 are extended with their sign. No allocation.
 *
 * <p>Source: {@code MurmurHash.hash3_x64_128}, {@code Murmur3Partitioner} 5.0.9.
 */
public final class Tokens {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;

    private Tokens() {}

    /** The token of a key; {@code Long.MIN_VALUE} only for the empty one, which no table has. */
    public static long of(byte[] bytes, int at, int length) {
        if (length == 0) {
            return Long.MIN_VALUE;
        }
        long hash = hash(bytes, at, length, null);
        return hash == Long.MIN_VALUE ? Long.MAX_VALUE : hash;
    }

    public static long of(byte[] key) {
        return of(key, 0, key.length);
    }

    /** Both halves of the hash with seed 0, as bloom filters need them: the first is returned, the second put into {@code second[0]}. */
    public static long hash(byte[] bytes, int at, int length, long @Nullable [] second) {
        long h1 = 0;
        long h2 = 0;
        int end = at + (length & ~15);
        int p = at;
        for (; p < end; p += 16) {
            h1 ^= mix1((long) LONG.get(bytes, p));
            h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= mix2((long) LONG.get(bytes, p + 8));
            h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
        }
        int tail = length & 15;
        if (tail > 8) {
            long k2 = 0;
            for (int i = tail - 1; i >= 8; i--) {
                k2 ^= (long) bytes[p + i] << ((i - 8) << 3);
            }
            h2 ^= mix2(k2);
        }
        if (tail > 0) {
            long k1 = 0;
            for (int i = Math.min(tail, 8) - 1; i >= 0; i--) {
                k1 ^= (long) bytes[p + i] << (i << 3);
            }
            h1 ^= mix1(k1);
        }
        h1 ^= length;
        h2 ^= length;
        h1 += h2;
        h2 += h1;
        h1 = finish(h1);
        h2 = finish(h2);
        h1 += h2;
        if (second != null) {
            second[0] = h2 + h1;
        }
        return h1;
    }

    private static long mix1(long k) {
        return Long.rotateLeft(k * C1, 31) * C2;
    }

    private static long mix2(long k) {
        return Long.rotateLeft(k * C2, 33) * C1;
    }

    private static long finish(long h) {
        long k = h;
        k ^= k >>> 33;
        k *= 0xff51afd7ed558ccdL;
        k ^= k >>> 33;
        k *= 0xc4ceb9fe1a85ec53L;
        return k ^ (k >>> 33);
    }
}
