package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.StoreUnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads an envelope as a stream. What it gives has matched its frame's checksum; only after {@link #atEnd} has said so is it
 * known that the object is whole. Holds one frame. One thread.
 *
 * <p>Failures: {@link CorruptException} naming the object for whatever is not as written, {@link FormatTooNewException}, {@link
 * StoreUnreachableException} when the stream fails.
 */
public final class EnvelopeReader implements AutoCloseable {
    private static final int PIECE = 1 << 20;

    private final String object;
    private final InputStream in;
    private final MessageDigest digest = EnvelopeWriter.sha256();
    private final CRC32C crc = new CRC32C();
    private final byte[] fields;
    private final byte[] frame = new byte[Envelope.FRAME_BYTES];
    private final byte[] head = new byte[8];
    /** Apart from the frames' heads: a number may stand in two frames. */
    private final byte[] number = new byte[8];

    private int at;
    private int filled;
    private long frames;
    private long payload;
    private boolean ended;
    private String seal = "";

    private EnvelopeReader(String object, InputStream in, EnvelopeKind kind) {
        this.object = object;
        this.in = in;
        byte[] fixed = new byte[Envelope.FIXED_BYTES];
        fill(fixed, fixed.length);
        if (!Arrays.equals(fixed, 0, 8, Envelope.magic(), 0, 8)) {
            throw corrupt("does not begin as an object of Hindsight does");
        }
        int version = Envelope.unsigned2(fixed, 10);
        int length = Envelope.unsigned2(fixed, 16);
        byte[] rest = new byte[length + Envelope.CHECKSUM_BYTES];
        fill(rest, rest.length);
        crc.update(fixed);
        crc.update(rest, 0, length);
        if ((int) crc.getValue() != Envelope.int4(rest, length)) {
            throw corrupt("its header does not match its checksum");
        }
        if (Envelope.unsigned2(fixed, 8) != kind.number()) {
            throw corrupt("is no " + kind.text());
        }
        if (version > kind.version() || Envelope.unsigned2(fixed, 12) != 0 || Envelope.unsigned2(fixed, 14) != 0) {
            throw new FormatTooNewException(
                    "object " + object + ": " + kind.text() + " of version " + version + ", encryption "
                            + Envelope.unsigned2(fixed, 12) + ", which this Hindsight does not know",
                    "use a newer Hindsight");
        }
        if (version < 1) {
            throw corrupt("has version " + version);
        }
        this.fields = Arrays.copyOf(rest, length);
    }

    /**
     * @param object its key, for messages
     * @param in is closed with the reader
     */
    public static EnvelopeReader open(String object, InputStream in, EnvelopeKind kind) {
        try {
            return new EnvelopeReader(object, in, kind);
        } catch (RuntimeException e) {
            try {
                in.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** The kind's own part of the header. */
    public byte[] fields() {
        return fields.clone();
    }

    public String object() {
        return object;
    }

    /**
     * Whether all of the payload has been read.
     *
     * @throws CorruptException all has been read, and the object as a whole is not as written
     */
    public boolean atEnd() {
        if (at == filled && !ended) {
            nextFrame();
        }
        return ended;
    }

    /**
     * To {@link #atEnd}, whatever the payload may be.
     *
     * @throws CorruptException the object is not as written
     */
    public void skipRest() {
        while (!atEnd()) {
            at = filled;
        }
    }

    /** {@code sha256:...}, the digest of everything before it; once {@link #atEnd} said so. */
    public String seal() {
        if (!ended) {
            throw new IllegalStateException("the object was not read to its end");
        }
        return seal;
    }

    /** Of the payload, so far. */
    public long position() {
        return payload - (filled - at);
    }

    public void read(byte[] into, int offset, int length) {
        for (int done = 0; done < length; ) {
            if (atEnd()) {
                throw corrupt("ends in the middle of something");
            }
            int count = Math.min(length - done, filled - at);
            System.arraycopy(frame, at, into, offset + done, count);
            at += count;
            done += count;
        }
    }

    public int read1() {
        read(number, 0, 1);
        return number[0] & 0xff;
    }

    public int read2() {
        read(number, 0, 2);
        return Envelope.unsigned2(number, 0);
    }

    public int read4() {
        read(number, 0, 4);
        return Envelope.int4(number, 0);
    }

    public long read8() {
        read(number, 0, 8);
        return Envelope.long8(number, 0);
    }

    public String readText() {
        byte[] bytes = readBytes(read2());
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CorruptException("object " + object + ": a text is not UTF-8", Envelope.HINT, e);
        }
    }

    /** Room is taken as the bytes come: a wrong length costs no memory. */
    public byte[] readBytes(int length) {
        if (length < 0) {
            throw corrupt("something has a length of " + length);
        }
        byte[] out = new byte[Math.min(length, PIECE)];
        for (int done = 0; done < length; ) {
            if (done == out.length) {
                out = Arrays.copyOf(out, (int) Math.min(length, 2L * out.length));
            }
            read(out, done, out.length - done);
            done = out.length;
        }
        return out;
    }

    CorruptException corrupt(String what) {
        return Envelope.corrupt(object, what);
    }

    private void nextFrame() {
        fill(head, 4);
        int length = Envelope.int4(head, 0);
        if (length == 0) {
            end();
            return;
        }
        if (length < 0 || length > Envelope.FRAME_BYTES || frames > 0 && filled < Envelope.FRAME_BYTES) {
            throw corrupt("frame " + frames + " says that it has " + length + " bytes");
        }
        fill(head, 4);
        int expected = Envelope.int4(head, 0);
        fill(frame, length);
        if (Envelope.checksum(crc, frames, frame, 0, length) != expected) {
            throw corrupt("frame " + frames + " does not match its checksum");
        }
        at = 0;
        filled = length;
        payload += length;
        frames++;
    }

    private void end() {
        fill(head, 8);
        if (Envelope.long8(head, 0) != payload) {
            throw corrupt("has " + payload + " bytes of payload and says " + Envelope.long8(head, 0));
        }
        byte[] is = digest.digest();
        byte[] said = new byte[Envelope.SEAL_BYTES];
        fill(said, said.length);
        if (!Arrays.equals(is, said)) {
            throw corrupt("does not match its seal");
        }
        try {
            if (in.read() >= 0) {
                throw corrupt("goes on behind its end");
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        at = 0;
        filled = 0;
        seal = EnvelopeWriter.text(is);
        ended = true;
    }

    private void fill(byte[] into, int count) {
        int got;
        try {
            got = in.readNBytes(into, 0, count);
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (got < count) {
            throw corrupt("is cut");
        }
        digest.update(into, 0, count);
    }

    private StoreUnreachableException unreadable(IOException e) {
        return new StoreUnreachableException(
                "object " + object + " cannot be read: " + e.getMessage(),
                "check that the store is reachable and whole, then repeat the command",
                e);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }
}
