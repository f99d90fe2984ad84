package dev.hindsight.repository.journal;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.ObjectStore;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads an object of before-values by ranged gets: only what one record, a token range, or a span of numbers needs. Everything
 * it gives has matched the checksum of its frame; the digest of the whole object is for whoever reads it whole.
 *
 * <p>Holds the index (16 bytes for each 64 KiB of parts), and 256 KiB for each cursor. One thread, but for cursors, which may
 * each have their own.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} naming the object.
 *
 * <p>Source: FORMAT.md, Before-values.
 */
public final class BeforeReader {
    private static final int MOST_INDEX_BYTES = 64 << 20;

    private final ObjectStore store;
    private final ObjectRef object;
    private final PayloadReader places;
    private final UUID tableId;
    private final long baseNumber;
    private final long indexAt;
    private final long placesAt;
    private final int records;
    private final byte[] index;

    private BeforeReader(ObjectStore store, ObjectRef object) {
        this.store = store;
        this.object = object;
        this.places = payload();
        byte[] fields = places.fields();
        tableId = SegmentLayout.uuid(fields, 0);
        baseNumber = Envelope.long8(fields, 32);
        long end = places.payloadBytes() - BeforeLayout.TAIL_BYTES;
        byte[] tail = places.copy(end, BeforeLayout.TAIL_BYTES, BeforeLayout.TAIL_BYTES);
        indexAt = Envelope.long8(tail, 0);
        placesAt = Envelope.long8(tail, 8);
        boolean inOrder = 0 < indexAt && indexAt < placesAt && placesAt < end && baseNumber >= 0;
        if (!inOrder
                || (placesAt - indexAt) % BeforeLayout.INDEX_BYTES != 0
                || (end - placesAt) % BeforeLayout.PLACE_BYTES != 0
                || (end - placesAt) / BeforeLayout.PLACE_BYTES > BeforeWriter.MOST_RECORDS) {
            throw Envelope.corrupt(object.key(), "its parts begin at " + indexAt + " and " + placesAt + " of " + end);
        }
        records = (int) ((end - placesAt) / BeforeLayout.PLACE_BYTES);
        index = places.copy(indexAt, placesAt - indexAt, MOST_INDEX_BYTES);
    }

    /** @param object as a log entry names it */
    public static BeforeReader open(ObjectStore store, ObjectRef object) {
        if (!object.envelope().equals(ObjectRef.NO_ENVELOPE)) {
            throw Envelope.corrupt(object.key(), "is wrapped in '" + object.envelope() + "'");
        }
        return new BeforeReader(store, object);
    }

    private PayloadReader payload() {
        return new PayloadReader(
                store, object.key(), object.sizeBytes(), EnvelopeKind.BEFORE, BeforeLayout.FIELD_BYTES);
    }

    public UUID tableId() {
        return tableId;
    }

    /** How many have a part here. */
    public int records() {
        return records;
    }

    /** The lowest number that has a part here, or any behind it; as {@code which} goes from 0. */
    public long numberOf(int which) {
        return Envelope.long8(places.bytes, place(which));
    }

    /** Where in the payload the first part of that record begins; as {@code which} goes from 0, by number. */
    public long offsetOf(int which) {
        return Envelope.long8(places.bytes, place(which) + 8);
    }

    private int place(int which) {
        return places.hold(placesAt + (long) which * BeforeLayout.PLACE_BYTES, BeforeLayout.PLACE_BYTES);
    }

    /** The parts of all tokens and numbers. */
    public BeforeCursor cursor() {
        return cursor(TokenRange.FULL, 0, Long.MAX_VALUE);
    }

    /** The parts of records whose token is in the range and whose number is of {@code [fromNumber, toNumber]}. */
    public BeforeCursor cursor(TokenRange range, long fromNumber, long toNumber) {
        int low = 0;
        int high = index.length / BeforeLayout.INDEX_BYTES;
        // The last block that begins with a token that is not in the range yet: what follows it may be.
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (Envelope.long8(index, middle * BeforeLayout.INDEX_BYTES) <= range.start()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        long from = Envelope.long8(index, low * BeforeLayout.INDEX_BYTES + 8);
        return new BeforeCursor(payload(), indexAt, baseNumber, from, range, fromNumber, toNumber);
    }

    /** The parts of one record; empty when there are none here. */
    public Optional<BeforeCursor> find(long number) {
        int low = 0;
        int high = records;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (numberOf(middle) < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == records || numberOf(low) != number) {
            return Optional.empty();
        }
        return Optional.of(
                new BeforeCursor(payload(), indexAt, baseNumber, offsetOf(low), TokenRange.FULL, number, number)
                        .ofOneRecord());
    }
}
