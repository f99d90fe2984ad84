package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.TokenRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes over records of a journal segment, by token, key and number. What {@link #next} found lies in the public fields until
 * the next call; the update and its key are positions in {@link #bytes}, which may be another array each time. One thread.
 */
public final class RecordCursor {
    private static final int MOST_ORIGINS = 1 << 16;
    /** Half of the largest commit-log segment that Cassandra can have, and what stands before the update. */
    private static final int MOST_BYTES = (1 << 30) + (1 << 20);

    public long token;
    public long number;
    public long instantMicros;
    public long writeMicros;
    public boolean late;
    /** Cassandra's version of the commit log: how the update is serialised. */
    public int logVersion;

    public byte[] bytes = new byte[0];
    /** One PartitionUpdate as it was in its mutation: the table's id first. */
    public int updateAt;

    public int updateLength;
    public int keyAt;
    public int keyLength;

    private final PayloadReader payload;
    private final List<Origin> logs;
    private final long end;
    private final long baseNumber;
    private final long baseMicros;
    private final TokenRange range;
    private final long fromNumber;
    private final long toNumber;
    private long position;
    private int at;
    private int to;
    private long fromMicros;
    private long toMicros;
    private int originsAt;
    private int origins;

    RecordCursor(
            PayloadReader payload,
            List<Origin> logs,
            long end,
            long baseNumber,
            long baseMicros,
            long position,
            TokenRange range,
            long fromNumber,
            long toNumber) {
        this.payload = payload;
        this.logs = logs;
        this.end = end;
        this.baseNumber = baseNumber;
        this.baseMicros = baseMicros;
        this.position = position;
        this.range = range;
        this.fromNumber = fromNumber;
        this.toNumber = toNumber;
    }

    /** Goes to the next record. */
    public boolean next() {
        while (position < end) {
            if (!record()) {
                return false;
            }
            if (token > range.start() && number >= fromNumber && number <= toNumber) {
                return true;
            }
        }
        return false;
    }

    /** False when it is behind the range, and with it all that follow. */
    private boolean record() {
        int most = (int) Math.min(10, end - position);
        at = payload.hold(position, most);
        bytes = payload.bytes;
        to = at + most;
        int before = at;
        long length = vint();
        position += at - before;
        if (length < 0 || length > Math.min(end - position, MOST_BYTES)) {
            throw corrupt("says that it has " + length + " bytes");
        }
        at = payload.hold(position, (int) length);
        bytes = payload.bytes;
        to = at + (int) length;
        position += length;
        need(8);
        token = Envelope.long8(bytes, at);
        at += 8;
        if (token > range.end()) {
            position = end;
            return false;
        }
        head();
        return true;
    }

    private void head() {
        number = baseNumber + signed();
        instantMicros = baseMicros + signed();
        fromMicros = instantMicros - signed();
        toMicros = instantMicros - signed();
        writeMicros = instantMicros - signed();
        need(2);
        int flags = bytes[at++] & 0xff;
        logVersion = bytes[at++] & 0xff;
        origins = length(MOST_ORIGINS, "origins");
        if (flags > SegmentLayout.LATE || fromMicros > toMicros || number < 1) {
            throw corrupt(
                    "number " + number + " has flags " + flags + ", observed from " + fromMicros + " to " + toMicros);
        }
        late = flags == SegmentLayout.LATE;
        originsAt = at;
        for (int i = 0; i < origins; i++) {
            length(logs.size() - 1, "a log");
            length(Integer.MAX_VALUE, "a position");
        }
        int key = length(to - at, "a key's place");
        keyLength = length(to - at, "a key's length");
        updateLength = length(to - at, "an update's length");
        if (updateLength != to - at || key > updateLength - keyLength) {
            throw corrupt("has an update of " + updateLength + " bytes in " + (to - at) + ", with a key of " + keyLength
                    + " at " + key);
        }
        updateAt = at;
        keyAt = at + key;
    }

    /** When it was observed: how certain the instant is. */
    public Observation observed() {
        return new Observation(fromMicros, toMicros);
    }

    /** Which nodes logged it, and where; of those copies that were there when it was numbered. */
    public List<Origin> origins() {
        List<Origin> out = new ArrayList<>(origins);
        int back = at;
        at = originsAt;
        for (int i = 0; i < origins; i++) {
            Origin log = logs.get((int) vint());
            out.add(new Origin(log.hostId(), new LogPosition(log.position().segmentId(), (int) vint())));
        }
        at = back;
        return out;
    }

    private int length(int most, String what) {
        long value = vint();
        if (value < 0 || value > most) {
            throw corrupt("has " + what + " of " + value);
        }
        return (int) value;
    }

    private long signed() {
        long value = vint();
        return (value >>> 1) ^ -(value & 1);
    }

    private long vint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            int b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw corrupt("has a number of more than 64 bits");
    }

    private void need(int count) {
        if (count > to - at) {
            throw corrupt("ends within something");
        }
    }

    private RuntimeException corrupt(String what) {
        return Envelope.corrupt(payload.key(), "the record before byte " + position + " " + what);
    }
}
