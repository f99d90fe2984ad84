package dev.hindsight.engine.journal;

import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Duration;
import java.util.List;

/**
 * Which changes were published lately, so that copies which come later are known as such. Holds two generations of at most
 * half as many contents as it may, and of records of at most {@code back} each; when the newer is full, the older one is
 * forgotten. One thread.
 *
 * <p>What is forgotten, or older than hints can be, becomes a record again when a copy of it comes: harmless, since it
 * changes nothing, but it is stored twice. Nothing is known for longer than twice {@code back}: whoever begins with a backup
 * that lacks a replica relies on that, as it has to go back that far for what only that replica had.
 */
final class KnownChanges {
    private final long backMicros;
    private final int most;
    private Generation newer = new Generation();
    private Generation older = new Generation();

    /** Contents, and the instants of the first and of the last record of them. */
    private static final class Generation {
        private final Digests digests = new Digests();
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;
    }

    KnownChanges(Duration back, int most) {
        this.backMicros = back.toNanos() / 1000;
        this.most = Math.max(2, most);
    }

    /** A TRUNCATE: what was published before it may be written again. */
    void clear() {
        newer = new Generation();
        older = new Generation();
    }

    /** What comes now is of that instant or later. */
    void reached(long micros) {
        if (newer.last < micros - backMicros) {
            newer = new Generation();
        }
        if (older.last < micros - backMicros) {
            older = new Generation();
        }
    }

    int size() {
        return newer.digests.size + older.digests.size;
    }

    boolean contains(ContentDigest digest) {
        return newer.digests.contains(digest) || older.digests.contains(digest);
    }

    /** @param micros the record's instant: not before those of the records that were added */
    void add(ContentDigest digest, long micros) {
        if (newer.digests.size >= most / 2 || newer.first < micros - backMicros) {
            older = newer;
            newer = new Generation();
        }
        newer.digests.add(digest);
        newer.first = Math.min(newer.first, micros);
        newer.last = Math.max(newer.last, micros);
    }

    /** Of the journal up to {@code entry}, the records of the last {@code back}, and of those the newest. */
    static KnownChanges load(ObjectStore store, JournalLog log, JournalEntry entry, Duration back, int most) {
        long from = entry.watermarkMicros() - back.toNanos() / 1000;
        JournalView view = JournalView.at(log, entry);
        List<JournalEntry.Segment> segments = view.segments();
        // What was there before a TRUNCATE may be written again.
        long gone = view.events().stream()
                .filter(event -> event.kind() == JournalEntry.EventKind.TRUNCATE)
                .mapToLong(JournalEntry.Event::afterNumber)
                .max()
                .orElse(0);
        int first = segments.size();
        long records = 0;
        while (first > 0
                && records <= most
                && segments.get(first - 1).lastMicros() >= from
                && segments.get(first - 1).lastNumber() > gone) {
            first--;
            records += segments.get(first).records();
        }
        KnownChanges known = new KnownChanges(back, most);
        for (JournalEntry.Segment segment : segments.subList(first, segments.size())) {
            JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
            // One that was merged may begin long before.
            for (int i = reader.recordsUpTo(from - 1); i < reader.records(); i++) {
                JournalSegmentReader.Place place = reader.placeOf(i);
                if (place.number() > gone) {
                    known.add(place.digest(), place.instantMicros());
                }
            }
        }
        return known;
    }

    /** A set with open addressing. */
    private static final class Digests {
        private long[] table = new long[2 * 1024];
        private int size;

        boolean contains(ContentDigest digest) {
            return place(table, digest) < 0;
        }

        void add(ContentDigest digest) {
            if (4L * size > table.length) {
                long[] before = table;
                table = new long[2 * before.length];
                size = 0;
                for (int i = 0; i < before.length; i += 2) {
                    if ((before[i] | before[i + 1]) != 0) {
                        put(new ContentDigest(before[i], before[i + 1]));
                    }
                }
            }
            put(digest);
        }

        private void put(ContentDigest digest) {
            int at = place(table, digest);
            if (at >= 0) {
                table[at] = digest.high();
                table[at + 1] = digest.low();
                size++;
            }
        }

        /** Where it belongs, or -1 when it is there. Zeros are free: no content has that digest. */
        private static int place(long[] in, ContentDigest digest) {
            int mask = in.length - 1;
            int at = (int) digest.high() * 2 & mask;
            while ((in[at] | in[at + 1]) != 0) {
                if (in[at] == digest.high() && in[at + 1] == digest.low()) {
                    return -1;
                }
                at = at + 2 & mask;
            }
            return at;
        }
    }
}
