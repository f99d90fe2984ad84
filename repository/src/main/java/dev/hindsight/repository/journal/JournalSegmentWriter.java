package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.Origin;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Writes one journal segment as a stream: the records of one table that one schema decodes, by token, key and number. Equal
 * records give equal bytes.
 *
 * <p>Holds 48 bytes for each record, and an entry for each 64 KiB of them. One thread; whoever gives the stream closes it.
 *
 * <p>Source: FORMAT.md, Journal segments.
 */
public final class JournalSegmentWriter {
    private record Log(UUID hostId, long segmentId) {}

    private final EnvelopeWriter out;
    private final long baseNumber;
    private final long baseMicros;
    private final RecordBytes size = new RecordBytes();
    private final RecordBytes head = new RecordBytes();
    private final RecordBytes index = new RecordBytes();
    private final Map<Log, Integer> logs = new LinkedHashMap<>();
    /** Of each record: number, instant, offset, both halves of the digest. */
    private long[] places = new long[5 * 64];

    private int records;
    private long nextIndexAt;
    private long firstToken;
    private long lastToken;
    private byte[] lastKey = new byte[0];
    private long lastNumber;

    /**
     * @param segmentId random, as in the segment's key
     * @param baseNumber that the records' numbers are counted from; the first is best
     * @param baseMicros the same of their instants
     */
    public JournalSegmentWriter(OutputStream out, UUID tableId, UUID segmentId, long baseNumber, long baseMicros)
            throws IOException {
        byte[] fields = new byte[SegmentLayout.FIELD_BYTES];
        SegmentLayout.put(fields, 0, tableId);
        SegmentLayout.put(fields, 16, segmentId);
        Envelope.put8(fields, 32, baseNumber);
        Envelope.put8(fields, 40, baseMicros);
        this.out = new EnvelopeWriter(out, EnvelopeKind.SEGMENT, fields);
        this.baseNumber = baseNumber;
        this.baseMicros = baseMicros;
    }

    /**
     * @param token of the partition
     * @param logVersion Cassandra's version of the commit log that the update was in: how it is serialised
     * @param bytes hold the update at {@code at}: one PartitionUpdate as in its mutation, the table's id first
     * @param keyAt where the partition's key is, counted from the update's first byte
     * @throws IllegalArgumentException it does not come behind the one before
     */
    public void add(
            ChangeRecord change, long token, int logVersion, byte[] bytes, int at, int length, int keyAt, int keyLength)
            throws IOException {
        requireOrder(change.number(), token, bytes, at + keyAt, keyLength);
        if (keyAt < 0 || keyLength < 0 || keyAt > length - keyLength) {
            throw new IllegalArgumentException("a key at " + keyAt + " of " + length);
        }
        long offset = out.payloadBytes();
        if (records == 0 || offset >= nextIndexAt) {
            index.put8(token);
            index.put8(offset);
            nextIndexAt = offset + SegmentLayout.INDEX_STEP;
        }
        head(change, token, logVersion, length, keyAt, keyLength);
        // A vint of the length of what follows, so that a reader can hold a record before it reads it.
        long whole = (long) head.length() + length;
        size.clear();
        size.putVint(whole);
        out.write(size.bytes(), 0, size.length());
        out.write(head.bytes(), 0, head.length());
        out.write(bytes, at, length);
        place(change, offset);
    }

    private void requireOrder(long number, long token, byte[] bytes, int keyAt, int keyLength) {
        int order = records == 0 ? -1 : Long.compare(lastToken, token);
        if (order == 0) {
            order = Arrays.compareUnsigned(lastKey, 0, lastKey.length, bytes, keyAt, keyAt + keyLength);
        }
        if (order == 0) {
            order = Long.compare(lastNumber, number);
        }
        if (order >= 0) {
            throw new IllegalArgumentException(
                    "record " + number + " of token " + token + " does not come behind " + lastNumber);
        }
        if (records == 0) {
            firstToken = token;
        }
        lastToken = token;
        lastNumber = number;
        if (!Arrays.equals(lastKey, 0, lastKey.length, bytes, keyAt, keyAt + keyLength)) {
            lastKey = Arrays.copyOfRange(bytes, keyAt, keyAt + keyLength);
        }
    }

    private void head(ChangeRecord change, long token, int logVersion, int length, int keyAt, int keyLength) {
        head.clear();
        head.put8(token);
        head.putSigned(change.number() - baseNumber);
        long instant = change.instantMicros();
        head.putSigned(instant - baseMicros);
        head.putSigned(instant - change.observed().fromMicros());
        head.putSigned(instant - change.observed().toMicros());
        head.putSigned(instant - change.writeMicros());
        head.put1(change.late() ? SegmentLayout.LATE : 0);
        head.put1(logVersion);
        head.putVint(change.origins().size());
        for (Origin origin : change.origins()) {
            Log log = new Log(origin.hostId(), origin.position().segmentId());
            head.putVint(logs.computeIfAbsent(log, key -> logs.size()));
            head.putVint(origin.position().position());
        }
        head.putVint(keyAt);
        head.putVint(keyLength);
        head.putVint(length);
    }

    private void place(ChangeRecord change, long offset) {
        int at = 5 * records;
        if (at == places.length) {
            places = Arrays.copyOf(places, 2 * at);
        }
        places[at] = change.number();
        places[at + 1] = change.instantMicros();
        places[at + 2] = offset;
        places[at + 3] = change.digest().high();
        places[at + 4] = change.digest().low();
        records++;
    }

    /** So far. */
    public int records() {
        return records;
    }

    public long firstToken() {
        return firstToken;
    }

    public long lastToken() {
        return lastToken;
    }

    /**
     * Ends the segment.
     *
     * @throws IllegalStateException it has no records, two of one number, or instants that fall
     */
    public void finish() throws IOException {
        if (records == 0) {
            throw new IllegalStateException("a segment without records");
        }
        long indexAt = out.payloadBytes();
        out.write(index.bytes(), 0, index.length());
        long logsAt = out.payloadBytes();
        for (Log log : logs.keySet()) {
            out.write8(log.hostId().getMostSignificantBits());
            out.write8(log.hostId().getLeastSignificantBits());
            out.write8(log.segmentId());
        }
        long placesAt = out.payloadBytes();
        int[] order = IntStream.range(0, records)
                .boxed()
                .sorted(Comparator.comparingLong(i -> places[5 * i]))
                .mapToInt(Integer::intValue)
                .toArray();
        long number = Long.MIN_VALUE;
        long instant = Long.MIN_VALUE;
        for (int i : order) {
            if (places[5 * i] <= number || places[5 * i + 1] < instant) {
                throw new IllegalStateException("record " + places[5 * i] + " at " + places[5 * i + 1] + " behind "
                        + number + " at " + instant);
            }
            number = places[5 * i];
            instant = places[5 * i + 1];
            for (int j = 0; j < 5; j++) {
                out.write8(places[5 * i + j]);
            }
        }
        for (long part : new long[] {indexAt, logsAt, placesAt, firstToken, lastToken}) {
            out.write8(part);
        }
        out.finish();
    }
}
