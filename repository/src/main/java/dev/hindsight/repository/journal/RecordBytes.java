package dev.hindsight.repository.journal;

import java.util.Arrays;

/** A growing array that one record is written into: unsigned LEB128 and big-endian numbers. One thread. */
final class RecordBytes {
    private byte[] bytes = new byte[256];
    private int length;

    void clear() {
        length = 0;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void put1(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    void put8(long value) {
        room(8);
        Envelope.put8(bytes, length, value);
        length += 8;
    }

    void putVint(long value) {
        room(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[length++] = (byte) (left & 0x7f | 0x80);
            left >>>= 7;
        }
        bytes[length++] = (byte) left;
    }

    /** Small whatever its sign. */
    void putSigned(long value) {
        putVint((value << 1) ^ (value >> 63));
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length + count);
        }
    }
}
