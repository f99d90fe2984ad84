package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.layout.Keys;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Which capture object this is.
 *
 * @param number dense from 0 in an incarnation
 * @param previous seal of the object before; {@link #NONE} for the first
 */
public record CaptureHeader(UUID hostId, Incarnation incarnation, long number, String previous) {
    public static final String NONE = Digests.PREFIX + "0".repeat(64);

    static final int BYTES = 16 + 8 + 4 + 8 + 32;

    public CaptureHeader {
        if (number < 0 || !Digests.isWellFormed(previous) || number == 0 && !previous.equals(NONE)) {
            throw new IllegalArgumentException("no capture is number " + number + " behind " + previous);
        }
    }

    public String key() {
        return Keys.capture(hostId, incarnation, number);
    }

    byte[] toBytes() {
        byte[] out = new byte[BYTES];
        Envelope.put8(out, 0, hostId.getMostSignificantBits());
        Envelope.put8(out, 8, hostId.getLeastSignificantBits());
        Envelope.put8(out, 16, incarnation.startMillis());
        Envelope.put4(out, 24, incarnation.nonce());
        Envelope.put8(out, 28, number);
        byte[] seal = HexFormat.of().parseHex(previous.substring(Digests.PREFIX.length()));
        System.arraycopy(seal, 0, out, 36, seal.length);
        return out;
    }

    static CaptureHeader of(EnvelopeReader reader) {
        byte[] in = reader.fields();
        if (in.length != BYTES) {
            throw reader.corrupt("its header has " + in.length + " bytes");
        }
        try {
            return new CaptureHeader(
                    new UUID(Envelope.long8(in, 0), Envelope.long8(in, 8)),
                    new Incarnation(Envelope.long8(in, 16), Envelope.int4(in, 24)),
                    Envelope.long8(in, 28),
                    Digests.PREFIX + HexFormat.of().formatHex(in, 36, BYTES));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt("its header says: " + e.getMessage());
        }
    }
}
