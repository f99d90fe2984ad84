package dev.hindsight.model.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * One round of sealing a table: takes the copies of changes that were captured, from all nodes and in any order, and gives
 * the change records that come next in the journal.
 *
 * <p>Copies of equal content are one change. It was observed in [lo, hi]: the minima of the copies' ends, since a change
 * is there from its first copy on. Its commit instant is its write timestamp, clamped into that interval: the write
 * timestamp alone can be forged by {@code USING TIMESTAMP}, the observation alone is vague after an agent was down. The
 * instant is never below the watermark that is published: a change of which even hi is below it came LATE, gets the
 * watermark, and keeps its interval. Records are ordered by instant, then write
 * timestamp, so that close writes of which nothing more is known stand as they were meant, then digest, and numbered
 * without holes.
 *
 * <p>A TRUNCATE parts the changes of a round into eras, each with its own copies: what is written again behind it, were it the
 * same, is another change. Records of an era come before those of the next, and their instants are not of another era's.
 *
 * <p>A copy may be given when hi of its observation is below the watermark that this round is to publish; what was observed
 * later belongs to a later round. A copy of a change of an earlier round adds nothing.
 *
 * <p>Memory: some 400 bytes for each change of the round. One thread.
 */
public final class SealRound {
    /** What becomes of a copy. */
    public enum Outcome {
        /** The first of its content: whoever calls keeps its bytes. */
        NEW,
        /** Another copy of a change of this round. */
        COPY,
        /** A copy of a change that is published. */
        PUBLISHED
    }

    private static final Comparator<Origin> BY_HOST_AND_POSITION =
            Comparator.comparing(Origin::hostId).thenComparing(Origin::position);

    private record Key(int era, ContentDigest digest) {}

    private static final class Change {
        private final int era;
        private final ContentDigest digest;
        private final long writeMicros;
        private final Map<Origin, Observation> copies = new TreeMap<>(BY_HOST_AND_POSITION);
        private Observation observed;
        private long instant;

        Change(int era, ContentDigest digest, long writeMicros, Observation observed) {
            this.era = era;
            this.digest = digest;
            this.writeMicros = writeMicros;
            this.observed = observed;
        }

        int era() {
            return era;
        }

        long instant() {
            return instant;
        }

        long writeMicros() {
            return writeMicros;
        }

        ContentDigest digest() {
            return digest;
        }
    }

    private final Published before;
    private final Predicate<ContentDigest> published;
    private final Map<Key, Change> changes = new HashMap<>();
    private final List<Long> ends = new ArrayList<>();
    private long latest = Long.MIN_VALUE;

    /** @param published whether a change of this content is in an earlier round */
    public SealRound(Published before, Predicate<ContentDigest> published) {
        this.before = before;
        this.published = published;
    }

    /** Of the first era. */
    public Outcome add(ContentDigest digest, long writeMicros, Observation observed, Origin origin) {
        return add(0, digest, writeMicros, observed, origin);
    }

    /** @param era how many TRUNCATEs of the round it is behind; what is published is behind none */
    public Outcome add(int era, ContentDigest digest, long writeMicros, Observation observed, Origin origin) {
        Key key = new Key(era, digest);
        Change change = changes.get(key);
        if (change == null && era == 0 && published.test(digest)) {
            return Outcome.PUBLISHED;
        }
        latest = Math.max(latest, observed.toMicros());
        Outcome outcome = Outcome.COPY;
        if (change == null) {
            change = new Change(era, digest, writeMicros, observed);
            changes.put(key, change);
            outcome = Outcome.NEW;
        }
        // A log that is read again shows the same frame another time, and knows less of when it came.
        change.copies.merge(origin, observed, SealRound::both);
        return outcome;
    }

    /** In which of the two it was, if it was in both. */
    private static Observation both(Observation a, Observation b) {
        long to = Math.min(a.toMicros(), b.toMicros());
        return new Observation(Math.min(to, Math.max(a.fromMicros(), b.fromMicros())), to);
    }

    private static Observation earliest(Observation a, Observation b) {
        return new Observation(Math.min(a.fromMicros(), b.fromMicros()), Math.min(a.toMicros(), b.toMicros()));
    }

    private static long clamped(long micros, Observation into) {
        return Math.max(into.fromMicros(), Math.min(into.toMicros(), micros));
    }

    /** How many changes there are. */
    public int size() {
        return changes.size();
    }

    /**
     * The records of this round, in the order of their numbers.
     *
     * @param watermarkMicros that the round publishes
     * @throws IllegalArgumentException it is not above the one before, or a copy was observed at or after it
     */
    public List<ChangeRecord> records(long watermarkMicros) {
        return records(watermarkMicros, List.of());
    }

    /**
     * @param eras the instants at which the eras but the first begin, in order, each from the watermark before on and below this
     *     one
     */
    public List<ChangeRecord> records(long watermarkMicros, List<Long> eras) {
        if (watermarkMicros <= before.watermarkMicros() || latest >= watermarkMicros) {
            throw new IllegalArgumentException("a watermark of " + watermarkMicros + " behind "
                    + before.watermarkMicros() + ", with a copy observed at " + latest);
        }
        List<Change> ordered = new ArrayList<>(changes.values());
        for (Change change : ordered) {
            change.observed =
                    change.copies.values().stream().reduce(SealRound::earliest).orElseThrow();
            long least = change.era == 0 ? before.watermarkMicros() : eras.get(change.era - 1);
            long most = change.era == eras.size() ? Long.MAX_VALUE : Math.max(least, eras.get(change.era) - 1);
            change.instant = Math.min(most, Math.max(least, clamped(change.writeMicros, change.observed)));
        }
        ordered.sort(Comparator.comparingInt(Change::era)
                .thenComparingLong(Change::instant)
                .thenComparingLong(Change::writeMicros)
                .thenComparing(Change::digest));
        ends.clear();
        for (int era = 0; era < eras.size(); era++) {
            int upTo = era;
            ends.add(before.lastNumber()
                    + ordered.stream().filter(change -> change.era <= upTo).count());
        }
        List<ChangeRecord> out = new ArrayList<>(ordered.size());
        long number = before.lastNumber();
        for (Change change : ordered) {
            number++;
            boolean late = change.observed.toMicros() < before.watermarkMicros();
            out.add(new ChangeRecord(
                    number,
                    change.instant,
                    change.observed,
                    late,
                    change.writeMicros,
                    change.digest,
                    List.copyOf(change.copies.keySet())));
        }
        return out;
    }

    /** After {@link #records(long, List)}: the number of the last record of each era but the last, or of one before. */
    public List<Long> ends() {
        return List.copyOf(ends);
    }
}
