package dev.hindsight.synthesis.fingerprint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * XXH64 with seed 0 over bytes that come in pieces. Numbers are little-endian. One thread.
 *
 * <p>Source: the XXH64 part of the xxHash specification (Yann Collet), version 0.1.1.
 */
final class ContentHash {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    /** Their sum, which overflows. */
    private static final long P1_AND_P2 = 0x60EA27EEADC0B5D6L;

    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    /** The hash of no byte. */
    static final long OF_NOTHING = 0xEF46DB3751D8E999L;

    private static final int STRIPE_BYTES = 32;

    /** Folded when full; leaves the processor's first cache for what is hashed. */
    private static final int BUFFER_BYTES = 8 << 10;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private long folded;
    private long v1;
    private long v2;
    private long v3;
    private long v4;

    ContentHash() {
        restart();
    }

    /** The hash of a text's UTF-8 bytes. */
    static long of(String text) {
        ContentHash hash = new ContentHash();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        hash.bytes(bytes, 0, bytes.length);
        return hash.take();
    }

    void restart() {
        v1 = P1_AND_P2;
        v2 = P2;
        v3 = 0;
        v4 = -P1;
        at = 0;
        folded = 0;
    }

    /** Bytes since the start. */
    long length() {
        return folded + at;
    }

    void byte1(int value) {
        room(1);
        buffer[at++] = (byte) value;
    }

    void int4(int value) {
        room(4);
        INT.set(buffer, at, value);
        at += 4;
    }

    void long8(long value) {
        room(8);
        LONG.set(buffer, at, value);
        at += 8;
    }

    void bytes(byte[] from, int offset, int length) {
        int done = 0;
        while (length - done > BUFFER_BYTES - at) {
            int part = BUFFER_BYTES - at;
            System.arraycopy(from, offset + done, buffer, at, part);
            at += part;
            done += part;
            fold();
        }
        System.arraycopy(from, offset + done, buffer, at, length - done);
        at += length - done;
    }

    private void room(int count) {
        if (BUFFER_BYTES - at < count) {
            fold();
        }
    }

    /** Takes in all whole stripes of the buffer. */
    private void fold() {
        int end = at - at % STRIPE_BYTES;
        long a = v1;
        long b = v2;
        long c = v3;
        long d = v4;
        for (int i = 0; i < end; i += STRIPE_BYTES) {
            a = round(a, (long) LONG.get(buffer, i));
            b = round(b, (long) LONG.get(buffer, i + 8));
            c = round(c, (long) LONG.get(buffer, i + 16));
            d = round(d, (long) LONG.get(buffer, i + 24));
        }
        v1 = a;
        v2 = b;
        v3 = c;
        v4 = d;
        System.arraycopy(buffer, end, buffer, 0, at - end);
        folded += end;
        at -= end;
    }

    /** The hash of everything since the start, which is now again. */
    long take() {
        long length = length();
        fold();
        long hash = P5;
        if (length >= STRIPE_BYTES) {
            hash = Long.rotateLeft(v1, 1) + Long.rotateLeft(v2, 7) + Long.rotateLeft(v3, 12) + Long.rotateLeft(v4, 18);
            hash = merge(merge(merge(merge(hash, v1), v2), v3), v4);
        }
        hash += length;
        int i = 0;
        for (; i + 8 <= at; i += 8) {
            hash = Long.rotateLeft(hash ^ round(0, (long) LONG.get(buffer, i)), 27) * P1 + P4;
        }
        if (i + 4 <= at) {
            hash = Long.rotateLeft(hash ^ ((int) INT.get(buffer, i) & 0xFFFF_FFFFL) * P1, 23) * P2 + P3;
            i += 4;
        }
        for (; i < at; i++) {
            hash = Long.rotateLeft(hash ^ (buffer[i] & 0xff) * P5, 11) * P1;
        }
        hash = (hash ^ hash >>> 33) * P2;
        hash = (hash ^ hash >>> 29) * P3;
        restart();
        return hash ^ hash >>> 32;
    }

    private static long round(long sum, long input) {
        return Long.rotateLeft(sum + input * P2, 31) * P1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * P1 + P4;
    }
}
