package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads a journal segment by ranged gets: only what a token range, or a span of numbers, needs. Everything it gives has
 * matched the checksum of its frame, and is what the segment's own header says it is of; the digest of the whole object is
 * for whoever reads it whole.
 *
 * <p>Holds the index (16 bytes for each 64 KiB of records), the list of logs, and 256 KiB for each cursor. One thread, but
 * for cursors, which may each have their own.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} naming the object.
 *
 * <p>Source: FORMAT.md, Journal segments.
 */
public final class JournalSegmentReader {
    private static final int MOST_PART_BYTES = 64 << 20;
    private static final int MOST_AHEAD_BYTES = 256 << 10;

    private final ObjectStore store;
    private final ObjectRef segment;
    private final UUID tableId;
    private final UUID segmentId;
    private final long baseNumber;
    private final long baseMicros;
    private final long indexAt;
    private final long placesAt;
    private final long firstToken;
    private final long lastToken;
    private final int records;
    private final byte[] index;
    private final List<Origin> logs = new ArrayList<>();

    private final PayloadReader places;

    private JournalSegmentReader(ObjectStore store, ObjectRef segment) {
        this.store = store;
        this.segment = segment;
        this.places = payload();
        byte[] fields = places.fields();
        tableId = SegmentLayout.uuid(fields, 0);
        segmentId = SegmentLayout.uuid(fields, 16);
        baseNumber = Envelope.long8(fields, 32);
        baseMicros = Envelope.long8(fields, 40);
        long end = places.payloadBytes() - SegmentLayout.TAIL_BYTES;
        byte[] tail = places.copy(end, SegmentLayout.TAIL_BYTES, SegmentLayout.TAIL_BYTES);
        indexAt = Envelope.long8(tail, 0);
        long logsAt = Envelope.long8(tail, 8);
        placesAt = Envelope.long8(tail, 16);
        firstToken = Envelope.long8(tail, 24);
        lastToken = Envelope.long8(tail, 32);
        boolean inOrder = 0 < indexAt && indexAt < logsAt && logsAt < placesAt && placesAt < end;
        if (!inOrder
                || (logsAt - indexAt) % SegmentLayout.INDEX_BYTES != 0
                || (placesAt - logsAt) % SegmentLayout.LOG_BYTES != 0
                || (end - placesAt) % SegmentLayout.PLACE_BYTES != 0
                || (end - placesAt) / SegmentLayout.PLACE_BYTES > Integer.MAX_VALUE) {
            throw corrupt("its parts begin at " + indexAt + ", " + logsAt + " and " + placesAt + " of " + end);
        }
        records = (int) ((end - placesAt) / SegmentLayout.PLACE_BYTES);
        index = places.copy(indexAt, logsAt - indexAt, MOST_PART_BYTES);
        byte[] table = places.copy(logsAt, placesAt - logsAt, MOST_PART_BYTES);
        for (int at = 0; at < table.length; at += SegmentLayout.LOG_BYTES) {
            logs.add(new Origin(SegmentLayout.uuid(table, at), new LogPosition(Envelope.long8(table, at + 16), 0)));
        }
    }

    /** @param segment as a log entry names it */
    public static JournalSegmentReader open(ObjectStore store, ObjectRef segment) {
        if (!segment.envelope().equals(ObjectRef.NO_ENVELOPE)) {
            throw Envelope.corrupt(segment.key(), "is wrapped in '" + segment.envelope() + "'");
        }
        return new JournalSegmentReader(store, segment);
    }

    /**
     * No record of a segment, of which nothing but its key is known, has a lower number than that; one request. Its writers
     * give the number of its first record.
     *
     * @throws dev.hindsight.model.failure.CorruptException it has no header as segments have
     */
    public static long baseNumber(ObjectStore store, String key) {
        byte[] head = new byte[Envelope.headerBytes(SegmentLayout.FIELD_BYTES)];
        store.read(key, 0, head, 0, head.length);
        try (EnvelopeReader reader = EnvelopeReader.open(key, new ByteArrayInputStream(head), EnvelopeKind.SEGMENT)) {
            return Envelope.long8(reader.fields(), 32);
        }
    }

    private PayloadReader payload() {
        return payload(MOST_AHEAD_BYTES);
    }

    private PayloadReader payload(int aheadBytes) {
        return new PayloadReader(
                store, segment.key(), segment.sizeBytes(), EnvelopeKind.SEGMENT, SegmentLayout.FIELD_BYTES, aheadBytes);
    }

    public UUID tableId() {
        return tableId;
    }

    public UUID segmentId() {
        return segmentId;
    }

    public int records() {
        return records;
    }

    public long firstNumber() {
        return number(0, 0);
    }

    public long lastNumber() {
        return number(records - 1, 0);
    }

    public long firstInstantMicros() {
        return number(0, 8);
    }

    public long lastInstantMicros() {
        return number(records - 1, 8);
    }

    public long firstToken() {
        return firstToken;
    }

    public long lastToken() {
        return lastToken;
    }

    private int place(int which) {
        return places.hold(placesAt + (long) which * SegmentLayout.PLACE_BYTES, SegmentLayout.PLACE_BYTES);
    }

    private long number(int which, int offset) {
        int at = place(which);
        return Envelope.long8(places.bytes, at + offset);
    }

    /** How many of the records, which are ordered by number and by instant, were committed no later than that. */
    public int recordsUpTo(long instantMicros) {
        int low = 0;
        int high = records;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (number(middle, 8) <= instantMicros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Number of the last record committed no later than that; 0 when there is none in this segment. */
    public long lastNumberUpTo(long instantMicros) {
        int count = recordsUpTo(instantMicros);
        return count == 0 ? 0 : number(count - 1, 0);
    }

    /** One record's place, in the order of numbers. */
    public record Place(long number, long instantMicros, ContentDigest digest, long offset) {}

    /** @param which from 0, in the order of numbers */
    public Place placeOf(int which) {
        int at = place(which);
        byte[] bytes = places.bytes;
        return new Place(
                Envelope.long8(bytes, at),
                Envelope.long8(bytes, at + 8),
                new ContentDigest(Envelope.long8(bytes, at + 24), Envelope.long8(bytes, at + 32)),
                Envelope.long8(bytes, at + 16));
    }

    /** All of them, by number. */
    public void places(Consumer<Place> each) {
        for (int i = 0; i < records; i++) {
            each.accept(placeOf(i));
        }
    }

    /** Records of all tokens and numbers. */
    public RecordCursor cursor() {
        return cursor(TokenRange.FULL, 0, Long.MAX_VALUE);
    }

    /**
     * The records whose token is in the range and whose number is of {@code [fromNumber, toNumber]}, by token, key and
     * number.
     */
    public RecordCursor cursor(TokenRange range, long fromNumber, long toNumber) {
        return cursor(range, fromNumber, toNumber, MOST_AHEAD_BYTES);
    }

    /**
     * The same for whoever has many cursors.
     *
     * @param aheadBytes about so many are read, and held, at a time; 256 KiB at most
     */
    public RecordCursor cursor(TokenRange range, long fromNumber, long toNumber, int aheadBytes) {
        int low = 0;
        int high = index.length / SegmentLayout.INDEX_BYTES;
        // The last block that begins with a token that is not in the range yet: what follows it may be.
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (Envelope.long8(index, middle * SegmentLayout.INDEX_BYTES) <= range.start()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        long from = Envelope.long8(index, low * SegmentLayout.INDEX_BYTES + 8);
        return new RecordCursor(
                payload(aheadBytes), logs, indexAt, baseNumber, baseMicros, from, range, fromNumber, toNumber);
    }

    /** The record of a {@link Place}, as a cursor that stands before it and goes on in the order of tokens. */
    public RecordCursor cursorAt(Place place) {
        return new RecordCursor(
                payload(), logs, indexAt, baseNumber, baseMicros, place.offset(), TokenRange.FULL, 0, Long.MAX_VALUE);
    }

    private RuntimeException corrupt(String what) {
        return Envelope.corrupt(segment.key(), what);
    }
}
