package dev.hindsight.repository.journal;

import java.util.UUID;

/**
 * The fixed parts of a journal segment (FORMAT.md, Journal segments). Numbers are big-endian.
 *
 * <pre>
 *   fields  = tableId:16 segmentId:16 baseNumber:8 baseMicros:8
 *   payload = record* index* log* place* tail
 *   index   = token:8 offset:8                              every 64 KiB of records
 *   log     = hostId:16 segmentId:8
 *   place   = number:8 instantMicros:8 offset:8 digest:16   by number
 *   tail    = indexAt:8 logsAt:8 placesAt:8 firstToken:8 lastToken:8
 * </pre>
 */
final class SegmentLayout {
    static final int FIELD_BYTES = 16 + 16 + 8 + 8;
    static final int INDEX_BYTES = 16;
    static final int LOG_BYTES = 24;
    static final int PLACE_BYTES = 8 + 8 + 8 + 16;
    static final int TAIL_BYTES = 5 * 8;

    /** Records between two entries of the index. */
    static final int INDEX_STEP = 64 << 10;

    /** Of a record's flags. */
    static final int LATE = 1;

    private SegmentLayout() {}

    static void put(byte[] into, int at, UUID id) {
        Envelope.put8(into, at, id.getMostSignificantBits());
        Envelope.put8(into, at + 8, id.getLeastSignificantBits());
    }

    static UUID uuid(byte[] bytes, int at) {
        return new UUID(Envelope.long8(bytes, at), Envelope.long8(bytes, at + 8));
    }
}
