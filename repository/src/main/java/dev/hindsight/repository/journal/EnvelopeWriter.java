package dev.hindsight.repository.journal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Writes an envelope as a stream: header, payload in checked frames, seal. Holds one frame. One thread. Whoever gives the
 * stream closes it.
 */
public final class EnvelopeWriter {
    private final OutputStream out;
    private final MessageDigest digest = sha256();
    private final CRC32C crc = new CRC32C();
    private final byte[] frame = new byte[Envelope.FRAME_HEAD_BYTES + Envelope.FRAME_BYTES];
    private final byte[] small = new byte[8];
    private int used;
    private long frames;
    private long payload;

    /** @param fields what the kind has in the header, at most 65535 bytes */
    public EnvelopeWriter(OutputStream out, EnvelopeKind kind, byte[] fields) throws IOException {
        if (fields.length > Envelope.MOST_FIELDS) {
            throw new IllegalArgumentException("a header of " + fields.length + " bytes");
        }
        this.out = out;
        byte[] header = new byte[Envelope.headerBytes(fields.length)];
        System.arraycopy(Envelope.magic(), 0, header, 0, 8);
        Envelope.put2(header, 8, kind.number());
        Envelope.put2(header, 10, kind.version());
        // 12: algorithm 0, 14: key 0: not encrypted.
        Envelope.put2(header, 16, fields.length);
        System.arraycopy(fields, 0, header, Envelope.FIXED_BYTES, fields.length);
        int checked = header.length - Envelope.CHECKSUM_BYTES;
        crc.update(header, 0, checked);
        Envelope.put4(header, checked, (int) crc.getValue());
        emit(header, header.length);
    }

    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            if (used == Envelope.FRAME_BYTES) {
                endFrame();
            }
            int count = Math.min(length - done, Envelope.FRAME_BYTES - used);
            System.arraycopy(bytes, offset + done, frame, Envelope.FRAME_HEAD_BYTES + used, count);
            used += count;
            done += count;
        }
        payload += length;
    }

    public void write1(int value) throws IOException {
        small[0] = (byte) value;
        write(small, 0, 1);
    }

    public void write2(int value) throws IOException {
        Envelope.put2(small, 0, value);
        write(small, 0, 2);
    }

    public void write4(int value) throws IOException {
        Envelope.put4(small, 0, value);
        write(small, 0, 4);
    }

    public void write8(long value) throws IOException {
        Envelope.put8(small, 0, value);
        write(small, 0, 8);
    }

    /** Length as two bytes, then UTF-8. */
    public void writeText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("a text of " + bytes.length + " bytes");
        }
        write2(bytes.length);
        write(bytes, 0, bytes.length);
    }

    /** So far. */
    public long payloadBytes() {
        return payload;
    }

    /**
     * Ends the object; nothing more may be written.
     *
     * @return the seal, {@code sha256:...}: the digest of everything before it
     */
    public String finish() throws IOException {
        if (used > 0) {
            endFrame();
        }
        byte[] end = new byte[4 + 8];
        Envelope.put8(end, 4, payload);
        emit(end, end.length);
        byte[] seal = digest.digest();
        out.write(seal);
        return text(seal);
    }

    private void endFrame() throws IOException {
        Envelope.put4(frame, 0, used);
        Envelope.put4(frame, 4, Envelope.checksum(crc, frames, frame, Envelope.FRAME_HEAD_BYTES, used));
        emit(frame, Envelope.FRAME_HEAD_BYTES + used);
        frames++;
        used = 0;
    }

    private void emit(byte[] bytes, int count) throws IOException {
        digest.update(bytes, 0, count);
        out.write(bytes, 0, count);
    }

    static String text(byte[] seal) {
        return "sha256:" + HexFormat.of().formatHex(seal);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
