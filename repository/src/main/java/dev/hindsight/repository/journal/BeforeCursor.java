package dev.hindsight.repository.journal;

import dev.hindsight.model.ring.TokenRange;

/**
 * Goes over parts of before-values, by token, key and number. What {@link #next} found lies in the public fields until the
 * next call; key and part are positions in {@link #bytes}, which may be another array each time. One thread.
 */
public final class BeforeCursor {
    /** A row may be as large as the largest mutation; a part is one row at least. */
    private static final int MOST_BYTES = (1 << 30) + (1 << 20);

    public long token;
    public long number;
    /** Of the schema that the part is coded with. */
    public int version;
    /** Where in the payload the part begins. */
    public long offset;

    public byte[] bytes = new byte[0];
    public int keyAt;
    public int keyLength;
    /** A partition without its key. */
    public int partAt;

    public int partLength;

    private final PayloadReader payload;
    private final long end;
    private final long baseNumber;
    private final TokenRange range;
    private final long fromNumber;
    private final long toNumber;
    private long position;
    private int at;
    private int to;
    private boolean oneRecord;

    BeforeCursor(
            PayloadReader payload,
            long end,
            long baseNumber,
            long position,
            TokenRange range,
            long fromNumber,
            long toNumber) {
        this.payload = payload;
        this.end = end;
        this.baseNumber = baseNumber;
        this.position = position;
        this.range = range;
        this.fromNumber = fromNumber;
        this.toNumber = toNumber;
    }

    /** Ends with the first part of another record. */
    BeforeCursor ofOneRecord() {
        oneRecord = true;
        return this;
    }

    /** Goes to the next part. */
    public boolean next() {
        while (position < end) {
            part();
            if (token > range.end() || oneRecord && number != fromNumber) {
                position = end;
                return false;
            }
            if (token > range.start() && number >= fromNumber && number <= toNumber) {
                return true;
            }
        }
        return false;
    }

    private void part() {
        offset = position;
        int most = (int) Math.min(10, end - position);
        at = payload.hold(position, most);
        bytes = payload.bytes;
        to = at + most;
        int before = at;
        long length = vint();
        position += at - before;
        if (length < 8 || length > Math.min(end - position, MOST_BYTES)) {
            throw corrupt("says that it has " + length + " bytes");
        }
        at = payload.hold(position, (int) length);
        bytes = payload.bytes;
        to = at + (int) length;
        position += length;
        token = Envelope.long8(bytes, at);
        at += 8;
        number = baseNumber + vint();
        long of = vint();
        long key = vint();
        if (number < baseNumber || of < 0 || of > Integer.MAX_VALUE || key < 0 || key > to - at) {
            throw corrupt("is of number " + number + ", version " + of + ", with a key of " + key);
        }
        version = (int) of;
        keyAt = at;
        keyLength = (int) key;
        partAt = at + keyLength;
        partLength = to - partAt;
    }

    private long vint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= to) {
                throw corrupt("ends within a number");
            }
            int b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw corrupt("has a number of more than 64 bits");
    }

    private RuntimeException corrupt(String what) {
        return Envelope.corrupt(payload.key(), "the part before byte " + position + " " + what);
    }
}
