package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What a segment says of itself at its start.
 *
 * <pre>
 *   | version 4 | id 8 | length of parameters 2 | parameters (JSON) | crc32 4 |     big-endian
 *   the checksum is over version, low half of the id, high half, length as 4 bytes, parameters
 * </pre>
 *
 * @param id grows with every segment of a node
 * @param compression class of the compressor, empty for plain segments
 * @param bytes how long this is: where the first sync marker stands
 */
public record SegmentDescriptor(SegmentVersion version, long id, Optional<String> compression, int bytes) {
    private static final int FIXED_BYTES = 4 + 8 + 2;
    private static final int CHECKSUM_BYTES = 4;

    /**
     * @return empty when nothing was written yet: there are fewer bytes than that, or zeros
     * @throws MalformedException it is damaged
     * @throws UnsupportedException another version, or encrypted
     */
    static Optional<SegmentDescriptor> read(ByteSource segment) {
        if (segment.sizeBytes() < FIXED_BYTES) {
            return Optional.empty();
        }
        byte[] fixed = new byte[FIXED_BYTES];
        segment.read(0, fixed, 0, FIXED_BYTES);
        int version = VInts.int4(fixed, 0);
        long id = VInts.long8(fixed, 4);
        int length = VInts.unsignedShort(fixed, 12);
        if (version == 0 && id == 0 && length == 0 || segment.sizeBytes() < FIXED_BYTES + length + CHECKSUM_BYTES) {
            return Optional.empty();
        }
        byte[] rest = new byte[length + CHECKSUM_BYTES];
        segment.read(FIXED_BYTES, rest, 0, rest.length);
        CRC32 crc = new CRC32();
        update(crc, version);
        update(crc, (int) id);
        update(crc, (int) (id >>> 32));
        update(crc, length);
        crc.update(rest, 0, length);
        if ((int) crc.getValue() != VInts.int4(rest, length)) {
            throw new MalformedException("the header of the segment does not match its checksum");
        }
        String parameters = new String(rest, 0, length, StandardCharsets.UTF_8);
        SegmentVersion known = SegmentVersion.of(version, segment.name());
        Map<String, Object> values = JsonObject.parse(parameters);
        if (values.containsKey("encCipher") && values.containsKey("encKeyAlias")) {
            throw new UnsupportedException(
                    "commit log " + segment.name() + " is encrypted",
                    "encrypted commit logs are not supported; turn off transparent_data_encryption_options");
        }
        Optional<String> compression =
                Optional.ofNullable(values.get("compressionClass")).map(String::valueOf);
        return Optional.of(new SegmentDescriptor(known, id, compression, FIXED_BYTES + length + CHECKSUM_BYTES));
    }

    /** Four bytes, the highest first. */
    static void update(CRC32 crc, int value) {
        crc.update(value >>> 24);
        crc.update(value >>> 16);
        crc.update(value >>> 8);
        crc.update(value);
    }
}
