package dev.hindsight.repository.journal;

import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.util.Arrays;

/**
 * Reads parts of an envelope's payload by ranged gets; every byte it gives has matched its frame's checksum. Holds one
 * stretch of up to {@link #AHEAD_FRAMES} frames, or fewer, more only where a caller needs more in one piece. One thread.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} naming the object.
 */
final class PayloadReader {
    /** 256 KiB at a time. */
    static final int AHEAD_FRAMES = 16;

    private static final int WHOLE_FRAME = Envelope.FRAME_HEAD_BYTES + Envelope.FRAME_BYTES;

    /** What is held: the payload from {@link #from} on. */
    byte[] bytes = new byte[0];

    long from;
    int held;

    private final ObjectStore store;
    private final String key;
    private final long objectBytes;
    private final byte[] fields;
    private final long payload;
    private final int aheadFrames;
    private byte[] raw = new byte[0];

    /**
     * Reads the header.
     *
     * @param sizeBytes of the whole object, as whatever names it says
     * @param fieldBytes how long the kind's own part of the header is
     */
    PayloadReader(ObjectStore store, String key, long sizeBytes, EnvelopeKind kind, int fieldBytes) {
        this(store, key, sizeBytes, kind, fieldBytes, AHEAD_FRAMES * Envelope.FRAME_BYTES);
    }

    /** @param aheadBytes about so many are read at a time, at most 256 KiB */
    PayloadReader(ObjectStore store, String key, long sizeBytes, EnvelopeKind kind, int fieldBytes, int aheadBytes) {
        this.store = store;
        this.aheadFrames = Math.max(1, Math.min(AHEAD_FRAMES, aheadBytes / Envelope.FRAME_BYTES));
        this.key = key;
        this.objectBytes = sizeBytes;
        int header = Envelope.headerBytes(fieldBytes);
        long framed = sizeBytes - header - Envelope.END_BYTES;
        long last = framed % WHOLE_FRAME;
        if (framed < 0 || last > 0 && last <= Envelope.FRAME_HEAD_BYTES) {
            throw Envelope.corrupt(key, "has " + sizeBytes + " bytes, which no " + kind.text() + " has");
        }
        this.payload = framed / WHOLE_FRAME * Envelope.FRAME_BYTES + Math.max(0, last - Envelope.FRAME_HEAD_BYTES);
        byte[] head = new byte[header];
        store.read(key, 0, head, 0, header);
        try (EnvelopeReader reader = EnvelopeReader.open(key, new ByteArrayInputStream(head), kind)) {
            this.fields = reader.fields();
        }
        if (fields.length != fieldBytes) {
            throw Envelope.corrupt(key, "its header has " + fields.length + " bytes");
        }
    }

    String key() {
        return key;
    }

    byte[] fields() {
        return fields.clone();
    }

    long payloadBytes() {
        return payload;
    }

    /** Where in {@link #bytes} this part of the payload begins; all of it is there, and stays until the next call. */
    int hold(long position, int length) {
        if (position < 0 || length < 0 || position > payload - length) {
            throw Envelope.corrupt(key, "refers to " + length + " bytes at " + position + " of " + payload);
        }
        if (position < from || position + length > from + held) {
            load(position, length);
        }
        return (int) (position - from);
    }

    private void load(long position, int length) {
        long first = Envelope.frameOf(position);
        long lastNeeded = Envelope.frameOf(position + Math.max(1, length) - 1);
        long frames = (payload + Envelope.FRAME_BYTES - 1) / Envelope.FRAME_BYTES;
        int count = (int) (Math.min(frames, Math.max(first + aheadFrames, lastNeeded + 1)) - first);
        long start = Envelope.frameOffset(fields.length, first);
        int rawBytes = (int) Math.min((long) count * WHOLE_FRAME, objectBytes - Envelope.END_BYTES - start);
        if (raw.length < rawBytes) {
            raw = new byte[rawBytes];
        }
        store.read(key, start, raw, 0, rawBytes);
        if (bytes.length < count * Envelope.FRAME_BYTES) {
            bytes = new byte[count * Envelope.FRAME_BYTES];
        }
        held = 0;
        from = first * Envelope.FRAME_BYTES;
        for (int i = 0; i < count; i++) {
            int at = i * WHOLE_FRAME;
            int expected = (int) Math.min(Envelope.FRAME_BYTES, payload - (first + i) * Envelope.FRAME_BYTES);
            int got = Envelope.checkFrame(key, first + i, raw, at, rawBytes - at);
            if (got != expected) {
                throw Envelope.corrupt(key, "frame " + (first + i) + " has " + got + " bytes, not " + expected);
            }
            System.arraycopy(raw, at + Envelope.FRAME_HEAD_BYTES, bytes, held, got);
            held += got;
        }
    }

    /** A copy of a part that must fit into memory. */
    byte[] copy(long position, long length, int most) {
        if (length < 0 || length > most) {
            throw Envelope.corrupt(key, "has a part of " + length + " bytes, more than " + most);
        }
        int at = hold(position, (int) length);
        return Arrays.copyOfRange(bytes, at, at + (int) length);
    }
}
