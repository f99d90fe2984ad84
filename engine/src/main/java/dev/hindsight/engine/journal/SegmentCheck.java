package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalSegmentReader.Place;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads every record of a journal segment: they are in order, each one's number, instant and digest are where the segment's own
 * list of numbers has them, each is of its partition and can be decoded to its last cell, and they are as many, with the
 * numbers, instants, tokens and bytes, that the log says. One thread; holds 8 bytes for each record.
 *
 * <p>Source: FORMAT.md, Journal segments.
 */
public final class SegmentCheck {
    private final Segment segment;
    private final UUID tableId;
    private final TableDefinition definition;
    private final JournalSegmentReader reader;
    private final Map<Integer, UpdateCoding> codings = new HashMap<>();
    private final Map<Integer, MutationDecoder> decoders = new HashMap<>();

    private SegmentCheck(ObjectStore store, Segment segment, UUID tableId, TableDefinition definition) {
        this.segment = segment;
        this.tableId = tableId;
        this.definition = definition;
        this.reader = JournalSegmentReader.open(store, segment.object());
    }

    /**
     * @param definition that its records are decoded with
     * @return how many records it has
     * @throws CorruptException naming the segment, the record and what is wrong with it
     */
    public static long records(ObjectStore store, Segment segment, UUID tableId, TableDefinition definition) {
        return new SegmentCheck(store, segment, tableId, definition).run();
    }

    private long run() {
        require(reader.tableId().equals(tableId), "is of table " + reader.tableId() + ", not " + tableId);
        require(
                reader.records() == segment.records()
                        && reader.firstNumber() == segment.firstNumber()
                        && reader.lastNumber() == segment.lastNumber(),
                "has " + reader.records() + " records from " + reader.firstNumber() + " to " + reader.lastNumber()
                        + "; the journal's log says " + segment.records() + " from " + segment.firstNumber() + " to "
                        + segment.lastNumber());
        require(
                reader.firstInstantMicros() == segment.firstMicros()
                        && reader.lastInstantMicros() == segment.lastMicros(),
                "has instants from " + reader.firstInstantMicros() + " to " + reader.lastInstantMicros()
                        + "; the journal's log says " + segment.firstMicros() + " to " + segment.lastMicros());
        long[] numbers = numbers();
        BitSet found = new BitSet(numbers.length);
        RecordCursor cursor = reader.cursor();
        byte[] key = new byte[0];
        long token = Long.MIN_VALUE;
        long number = 0;
        long bytes = 0;
        long firstToken = Long.MAX_VALUE;
        while (cursor.next()) {
            firstToken = Math.min(firstToken, cursor.token);
            bytes += cursor.updateLength;
            int order = Long.compare(token, cursor.token);
            if (order == 0) {
                order = Arrays.compareUnsigned(
                        key, 0, key.length, cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            }
            order = order == 0 ? Long.compare(number, cursor.number) : order;
            require(order < 0, "record " + cursor.number + " comes behind record " + number + ", out of order");
            token = cursor.token;
            number = cursor.number;
            key = Arrays.copyOfRange(cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            int place = Arrays.binarySearch(numbers, number);
            require(place >= 0 && !found.get(place), "record " + number + " is not in its list of numbers");
            found.set(place);
            Place listed = reader.placeOf(place);
            require(
                    listed.instantMicros() == cursor.instantMicros
                            && listed.digest()
                                    .equals(ContentDigest.of(cursor.bytes, cursor.updateAt, cursor.updateLength)),
                    "record " + number + " has another instant or content than its list of numbers says");
            decode(cursor);
        }
        require(
                found.cardinality() == numbers.length,
                "holds " + found.cardinality() + " of the " + numbers.length + " records that it lists");
        require(
                firstToken == segment.firstToken() && token == segment.lastToken() && bytes == segment.bytes(),
                "has " + bytes + " bytes of updates, of tokens " + firstToken + " to " + token
                        + "; the journal's log says " + segment.bytes() + " bytes, " + segment.firstToken() + " to "
                        + segment.lastToken());
        return numbers.length;
    }

    private long[] numbers() {
        long[] out = new long[reader.records()];
        for (int i = 0; i < out.length; i++) {
            out[i] = reader.placeOf(i).number();
            require(i == 0 || out[i] > out[i - 1], "lists record " + out[i] + " out of order");
        }
        return out;
    }

    private void decode(RecordCursor cursor) {
        try {
            UpdateCoding coding = codings.computeIfAbsent(cursor.logVersion, this::coding);
            Update update = Update.of(cursor.number, coding, cursor.bytes, cursor.updateAt, cursor.updateLength);
            require(update.token == cursor.token, "record " + cursor.number + " has another token than its key");
            MutationDecoder decoder = decoders.computeIfAbsent(
                    cursor.logVersion,
                    version -> new MutationDecoder(
                            coding.version(),
                            id -> id.equals(tableId) ? Optional.of(coding.schema()) : Optional.empty()));
            decoder.startUpdate(cursor.bytes, cursor.updateAt, cursor.updateLength);
            require(decoder.nextUpdate(), "record " + cursor.number + " has no update");
            while (decoder.next()) {
                if (decoder.kind == RowFormat.CLUSTERING || decoder.kind == RowFormat.STATIC_CLUSTERING) {
                    walk(decoder.row());
                }
            }
            require(!decoder.nextUpdate(), "record " + cursor.number + " has a second update");
        } catch (MalformedException | UnknownSchemaException | IndexOutOfBoundsException e) {
            throw corrupt("has a damaged record " + cursor.number + ": " + e.getMessage(), e);
        }
    }

    private static void walk(RowWalker row) {
        while (row.nextColumn()) {
            while (row.complex && row.nextCell()) {
                // Each is looked at by the walker itself.
            }
        }
    }

    private UpdateCoding coding(int logVersion) {
        String name = segment.object().key();
        return UpdateCoding.of(name, SegmentVersion.of(logVersion, name), tableId, definition);
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw corrupt(otherwise, null);
        }
    }

    private CorruptException corrupt(String what, @Nullable Throwable cause) {
        return new CorruptException(
                "journal segment " + segment.object().key() + " " + what,
                "put the object back from a copy of the repository if there is one",
                cause);
    }
}
