package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import java.util.zip.CRC32C;

/**
 * The arithmetic of envelopes (FORMAT.md, Envelopes). Numbers are big-endian.
 *
 * <pre>
 *   envelope = "HINDSGHT" kind:2 version:2 algorithm:2 key:2 length:2 fields[length] crc:4  frame*  0:4 payload:8 seal:32
 *   frame    = length:4 crc:4 bytes[length]
 * </pre>
 *
 * All frames but the last are full, so that what holds a payload byte can be read without what is before it.
 */
public final class Envelope {
    /** Payload of a full frame. */
    public static final int FRAME_BYTES = 16 << 10;

    /** What stands before each frame's payload. */
    public static final int FRAME_HEAD_BYTES = 8;

    static final int FIXED_BYTES = 8 + 2 + 2 + 2 + 2 + 2;
    static final int CHECKSUM_BYTES = 4;
    static final int SEAL_BYTES = 32;
    static final int END_BYTES = 4 + 8 + SEAL_BYTES;
    static final int MOST_FIELDS = 0xffff;
    static final String HINT =
            "restore to an instant before what it holds, or take a new base with 'hindsight backup': from"
                    + " there on it is not needed";

    private static final byte[] MAGIC = {'H', 'I', 'N', 'D', 'S', 'G', 'H', 'T'};

    private Envelope() {}

    static byte[] magic() {
        return MAGIC.clone();
    }

    /** @param fields length of the kind's own fields */
    public static int headerBytes(int fields) {
        return FIXED_BYTES + fields + CHECKSUM_BYTES;
    }

    /** Which frame holds a byte of the payload. */
    public static long frameOf(long payloadPosition) {
        return payloadPosition / FRAME_BYTES;
    }

    /** Where a frame begins in the object. */
    public static long frameOffset(int fields, long frame) {
        return headerBytes(fields) + frame * (FRAME_HEAD_BYTES + FRAME_BYTES);
    }

    /** Size of an object with so much payload. */
    public static long objectBytes(int fields, long payload) {
        long frames = (payload + FRAME_BYTES - 1) / FRAME_BYTES;
        return headerBytes(fields) + frames * FRAME_HEAD_BYTES + payload + END_BYTES;
    }

    /** Over the frame's number and length as four bytes each, then its payload: frames cannot change places. */
    static int checksum(CRC32C crc, long frame, byte[] bytes, int offset, int length) {
        crc.reset();
        update(crc, (int) frame);
        update(crc, length);
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    private static void update(CRC32C crc, int value) {
        crc.update(value >>> 24);
        crc.update(value >>> 16);
        crc.update(value >>> 8);
        crc.update(value);
    }

    /**
     * Checks a frame that was read by its offset.
     *
     * @param at where the frame begins in {@code bytes}
     * @param available how many bytes are there
     * @return length of its payload, which begins {@link #FRAME_HEAD_BYTES} further on
     * @throws CorruptException naming {@code object}
     */
    public static int checkFrame(String object, long frame, byte[] bytes, int at, int available) {
        if (available < FRAME_HEAD_BYTES) {
            throw corrupt(object, "is cut in frame " + frame);
        }
        int length = int4(bytes, at);
        if (length < 1 || length > FRAME_BYTES || length > available - FRAME_HEAD_BYTES) {
            throw corrupt(object, "frame " + frame + " says that it has " + length + " bytes");
        }
        if (checksum(new CRC32C(), frame, bytes, at + FRAME_HEAD_BYTES, length) != int4(bytes, at + 4)) {
            throw corrupt(object, "frame " + frame + " does not match its checksum");
        }
        return length;
    }

    static CorruptException corrupt(String object, String what) {
        return new CorruptException("object " + object + ": " + what, HINT);
    }

    static int int4(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    static int unsigned2(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    static long long8(byte[] bytes, int at) {
        return (long) int4(bytes, at) << 32 | int4(bytes, at + 4) & 0xffff_ffffL;
    }

    static void put2(byte[] into, int at, int value) {
        into[at] = (byte) (value >>> 8);
        into[at + 1] = (byte) value;
    }

    static void put4(byte[] into, int at, int value) {
        put2(into, at, value >>> 16);
        put2(into, at + 2, value);
    }

    static void put8(byte[] into, int at, long value) {
        put4(into, at, (int) (value >>> 32));
        put4(into, at + 4, (int) value);
    }
}
