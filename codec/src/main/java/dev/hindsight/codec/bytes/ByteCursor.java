package dev.hindsight.codec.bytes;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a small component from its first to its last byte, big-endian unless said otherwise. Every read is held against
 * what is there; nothing is allocated by a length that is not. One thread.
 */
public final class ByteCursor {
    private final String what;
    private final byte[] bytes;
    private final ByteBuffer view;
    private final int end;
    private int at;

    /** @param what for messages: which component these bytes are of */
    public ByteCursor(String what, byte[] bytes) {
        this(what, bytes, 0, bytes.length);
    }

    public ByteCursor(String what, byte[] bytes, int from, int length) {
        this.what = what;
        this.bytes = bytes;
        this.view = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
        this.at = from;
        this.end = from + length;
    }

    public int position() {
        return at;
    }

    public int remaining() {
        return end - at;
    }

    public int readByte() {
        return bytes[advance(1)];
    }

    public boolean readBoolean() {
        return readByte() != 0;
    }

    public int readUnsignedShort() {
        return view.getShort(advance(2)) & 0xffff;
    }

    public int readInt() {
        return view.getInt(advance(4));
    }

    public long readLong() {
        return view.getLong(advance(8));
    }

    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    public long readUnsignedVint() {
        need(1);
        int length = VInts.length(bytes, at);
        int from = advance(length);
        return VInts.unsigned(bytes, from);
    }

    /** A vint that counts things of which each takes {@code bytesEach} or more. */
    public int readCount(int bytesEach) {
        return count(readUnsignedVint(), bytesEach);
    }

    /** An int that counts things of which each takes {@code bytesEach} or more. */
    public int readIntCount(int bytesEach) {
        return count(readInt(), bytesEach);
    }

    private int count(long count, int bytesEach) {
        if (count < 0 || count > remaining() / bytesEach) {
            throw new MalformedException(what + ": a count of " + count + " before offset " + at + ", but only "
                    + remaining() + " bytes follow");
        }
        return (int) count;
    }

    public ByteString readBytes(int length) {
        int from = advance(length);
        return ByteString.copyOf(bytes, from, length);
    }

    public ByteString readBytesWithVintLength() {
        return readBytes(readCount(1));
    }

    public ByteString readBytesWithShortLength() {
        return readBytes(readUnsignedShort());
    }

    /** As {@link java.io.DataInput#readUTF}. */
    public String readUtf() {
        int from = at;
        int length = readUnsignedShort();
        advance(length);
        try {
            return new DataInputStream(new ByteArrayInputStream(bytes, from, at - from)).readUTF();
        } catch (IOException e) {
            throw new MalformedException(what + ": the text at offset " + from + " is not UTF-8", e);
        }
    }

    public void skip(int count) {
        advance(count);
    }

    private int advance(int count) {
        need(count);
        int from = at;
        at += count;
        return from;
    }

    private void need(int count) {
        if (count < 0 || count > end - at) {
            throw new MalformedException(
                    what + ": " + count + " bytes are needed at offset " + at + " but there are " + (end - at));
        }
    }
}
