package dev.hindsight.codec.bytes;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte sequence with value equality: keys and clustering values inside records. Text form: hex. */
public final class ByteString {
    public static final ByteString EMPTY = new ByteString(new byte[0]);

    private final byte[] bytes;

    private ByteString(byte[] bytes) {
        this.bytes = bytes;
    }

    public static ByteString copyOf(byte[] from, int at, int length) {
        return length == 0 ? EMPTY : new ByteString(Arrays.copyOfRange(from, at, at + length));
    }

    public static ByteString copyOf(byte[] from) {
        return copyOf(from, 0, from.length);
    }

    public int length() {
        return bytes.length;
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteString that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
