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
 * half as many contents as it may; when the newer is full, the older one is forgotten. One thread.
 *
 * <p>What is forgotten, or older than hints can be, becomes a record again when a copy of it comes: harmless, since it
 * changes nothing, but it is stored twice.
 */
final class KnownChanges {
    private final int most;
    private Digests newer;
    private Digests older;

    KnownChanges(int most) {
        this.most = Math.max(2, most);
        this.newer = new Digests();
        this.older = new Digests();
    }

    /** A TRUNCATE: what was published before it may be written again. */
    void clear() {
        newer = new Digests();
        older = new Digests();
    }

    int size() {
        return newer.size + older.size;
    }

    boolean contains(ContentDigest digest) {
        return newer.contains(digest) || older.contains(digest);
    }

    void add(ContentDigest digest) {
        if (newer.size >= most / 2) {
            older = newer;
            newer = new Digests();
        }
        newer.add(digest);
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
        KnownChanges known = new KnownChanges(most);
        for (JournalEntry.Segment segment : segments.subList(first, segments.size())) {
            JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
            // One that was merged may begin long before.
            for (int i = reader.recordsUpTo(from - 1); i < reader.records(); i++) {
                JournalSegmentReader.Place place = reader.placeOf(i);
                if (place.number() > gone) {
                    known.add(place.digest());
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
