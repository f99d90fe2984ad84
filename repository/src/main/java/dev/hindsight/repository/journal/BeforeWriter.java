package dev.hindsight.repository.journal;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes one object of before-values as a stream: parts of what rows were before records, by token, key and number. Equal
 * parts give equal bytes.
 *
 * <p>Holds 16 bytes for each record, of which there are {@link #MOST_RECORDS} at most, and an entry for each 64 KiB of parts.
 * One thread; whoever gives the stream closes it.
 *
 * <p>Source: FORMAT.md, Before-values.
 */
public final class BeforeWriter {
    /** Of one object. */
    public static final int MOST_RECORDS = 500_000;

    /** Less the number that is counted from, so that it can be sorted together with a place among {@link #MOST_RECORDS}. */
    private static final long MOST_NUMBER = 1L << 43;

    private static final int PLACE_BITS = 20;

    private final EnvelopeWriter out;
    private final long baseNumber;
    private final RecordBytes size = new RecordBytes();
    private final RecordBytes head = new RecordBytes();
    private final RecordBytes index = new RecordBytes();
    /** Number less the base, and which it is. */
    private long[] numbers = new long[64];

    private long[] offsets = new long[64];
    private int records;
    private long parts;
    private long nextIndexAt;
    private long firstToken;
    private long lastToken;
    private byte[] lastKey = new byte[0];
    private long lastNumber;

    /**
     * @param objectId random, as in the object's key
     * @param baseNumber no record has a lower one
     */
    public BeforeWriter(OutputStream out, UUID tableId, UUID objectId, long baseNumber) throws IOException {
        byte[] fields = new byte[BeforeLayout.FIELD_BYTES];
        SegmentLayout.put(fields, 0, tableId);
        SegmentLayout.put(fields, 16, objectId);
        Envelope.put8(fields, 32, baseNumber);
        this.out = new EnvelopeWriter(out, EnvelopeKind.BEFORE, fields);
        this.baseNumber = baseNumber;
    }

    /**
     * Adds the next part of a record, or the first one of the next record.
     *
     * @param version of the schema that the part is coded with
     * @throws IllegalArgumentException it does not come behind the one before
     */
    public void add(byte[] key, int keyLength, long token, long number, int version, byte[] bytes, int at, int length)
            throws IOException {
        int order = parts == 0 ? -1 : Long.compare(lastToken, token);
        if (order == 0) {
            order = Arrays.compareUnsigned(lastKey, 0, lastKey.length, key, 0, keyLength);
        }
        if (order == 0) {
            order = Long.compare(lastNumber, number);
        }
        long place = number - baseNumber;
        if (order > 0 || place < 0 || place >= MOST_NUMBER) {
            throw new IllegalArgumentException(
                    "a part of record " + number + " of token " + token + " does not come behind " + lastNumber);
        }
        long offset = out.payloadBytes();
        if (parts == 0) {
            firstToken = token;
        }
        if (parts == 0 || offset >= nextIndexAt) {
            index.put8(token);
            index.put8(offset);
            nextIndexAt = offset + BeforeLayout.INDEX_STEP;
        }
        if (order < 0) {
            begin(key, keyLength, token, number, offset);
        }
        head.clear();
        head.put8(token);
        head.putVint(place);
        head.putVint(version);
        head.putVint(keyLength);
        size.clear();
        size.putVint((long) head.length() + keyLength + length);
        out.write(size.bytes(), 0, size.length());
        out.write(head.bytes(), 0, head.length());
        out.write(key, 0, keyLength);
        out.write(bytes, at, length);
        parts++;
    }

    private void begin(byte[] key, int keyLength, long token, long number, long offset) {
        if (records == MOST_RECORDS) {
            throw new IllegalArgumentException("more than " + MOST_RECORDS + " records");
        }
        if (records == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * records);
            offsets = Arrays.copyOf(offsets, 2 * records);
        }
        numbers[records] = (number - baseNumber) << PLACE_BITS | records;
        offsets[records] = offset;
        records++;
        lastToken = token;
        lastNumber = number;
        if (!Arrays.equals(lastKey, 0, lastKey.length, key, 0, keyLength)) {
            lastKey = Arrays.copyOf(key, keyLength);
        }
    }

    /** So far. */
    public long parts() {
        return parts;
    }

    /** So far. */
    public int records() {
        return records;
    }

    /** Of the payload, so far. */
    public long bytes() {
        return out.payloadBytes();
    }

    public long firstToken() {
        return firstToken;
    }

    public long lastToken() {
        return lastToken;
    }

    /**
     * Ends the object.
     *
     * @throws IllegalStateException it has no parts, or one number twice
     */
    public void finish() throws IOException {
        if (parts == 0) {
            throw new IllegalStateException("an object of before-values without any");
        }
        long indexAt = out.payloadBytes();
        out.write(index.bytes(), 0, index.length());
        long placesAt = out.payloadBytes();
        Arrays.sort(numbers, 0, records);
        long last = -1;
        for (int i = 0; i < records; i++) {
            long number = numbers[i] >>> PLACE_BITS;
            if (number == last) {
                throw new IllegalStateException("record " + (baseNumber + number) + " twice");
            }
            last = number;
            out.write8(baseNumber + number);
            out.write8(offsets[(int) (numbers[i] & (1 << PLACE_BITS) - 1)]);
        }
        for (long part : new long[] {indexAt, placesAt, firstToken, lastToken}) {
            out.write8(part);
        }
        out.finish();
    }
}
