package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.Checkpoints;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Seals one table: turns what agents captured into the next entries of its journal, until there is nothing new.
 *
 * <p>Each round reads the newest entry, reads on in all captures from where that says, decides how far all hosts that are
 * waited for have been read (the watermark), numbers what was observed before it, puts the segments, and creates the entry.
 * Whoever finds the number taken begins again from the entry that won, so any number of sealers may run at once, and one that
 * dies leaves nothing but segments that no entry names. Sealing again without new captures publishes nothing.
 *
 * <p>Memory: {@link SealSettings#roundBytes} of updates and what is remembered of published ones. One thread.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} for captures that are not as written; {@link
 * dev.hindsight.model.failure.UnsupportedException} for changes of the schema that cannot be followed: nothing is published
 * behind them, and a new base begins a new window.
 */
public final class Sealer {
    private static final int MOST_LOSSES = 100;

    private final ObjectStore store;
    private final CaptureSource captures;
    private final JournalLog log;
    private final CaptureFloorLog floors;
    private final Path scratch;
    private final SealSettings settings;
    private final Clock clock;
    private final String writer;
    private final RandomGenerator random;
    private @Nullable KnownChanges known;
    /** Number of a record. */
    private long knownUpTo;
    /** Of the last TRUNCATE up to there: another sealer may publish one without a record. */
    private Optional<Long> knownTruncated = Optional.empty();

    private boolean looked;

    /** As the other one, with captures read from the store. */
    public Sealer(
            ObjectStore store,
            JournalLog log,
            Path scratch,
            SealSettings settings,
            Clock clock,
            String writer,
            RandomGenerator random) {
        this(store, CaptureSource.of(store), log, scratch, settings, clock, writer, random);
    }

    /**
     * @param captures as this table may read them
     * @param scratch directory that is there
     * @param writer who this is, for people
     */
    public Sealer(
            ObjectStore store,
            CaptureSource captures,
            JournalLog log,
            Path scratch,
            SealSettings settings,
            Clock clock,
            String writer,
            RandomGenerator random) {
        this.store = store;
        this.captures = captures;
        this.log = log;
        this.floors = new CaptureFloorLog(store);
        this.scratch = scratch;
        this.settings = settings;
        this.clock = clock;
        this.writer = writer;
        this.random = random;
    }

    /** As {@link #begin(Definition, Collection, Collection)}, where no captures have ended. */
    public JournalEntry begin(Definition schema, Collection<CaptureStream> streams) {
        return begin(schema, streams, List.of());
    }

    /**
     * Begins a table's journal, before its first base is taken, unless there is one. One that was not sealed for so long that
     * captures were collected goes on behind them, and says so.
     *
     * @param schema the table and its keyspace as they are now; version 1
     * @param streams what is captured; from here on only what comes behind their newest objects matters
     * @param ended other incarnations of the cluster, which give nothing more: none of this table's business
     * @return the newest entry
     */
    public JournalEntry begin(Definition schema, Collection<CaptureStream> streams, Collection<CaptureStream> ended) {
        requireNoHole();
        JournalBeginning beginning = new JournalBeginning(store, log, clock.instant(), writer);
        for (int losses = 0; losses < MOST_LOSSES; losses++) {
            Optional<JournalEntry> there = log.newest();
            Optional<JournalEntry> next = there.isPresent()
                    ? beginning.again(there.get(), schema, Set.copyOf(streams), Set.copyOf(ended))
                    : Optional.of(beginning.entry(schema, List.copyOf(streams), Set.copyOf(ended)));
            if (next.isEmpty()) {
                return there.orElseThrow();
            }
            Failpoints.hit(Failpoint.JOURNAL_BEGIN);
            if (log.append(Checkpoints.in(log, next.get())) == JournalLog.Outcome.PUBLISHED) {
                return next.get();
            }
        }
        throw busy(MOST_LOSSES);
    }

    /** As {@link #seal(Collection, Set, Supplier)}, by somebody who cannot see who replicates the table. */
    public SealReport seal(Collection<CaptureStream> streams, Set<UUID> awaited) {
        return seal(streams, awaited, Optional::empty);
    }

    /**
     * Seals what there is.
     *
     * @param streams incarnations to read, besides those that the journal knows
     * @param awaited hosts whose captures bound the watermark, while they give anything
     * @param owners asked before each entry, behind the reading of what it holds; empty where they are not to be seen now
     */
    public SealReport seal(
            Collection<CaptureStream> streams, Set<UUID> awaited, Supplier<Optional<JournalEntry.Owners>> owners) {
        requireNoHole();
        long entries = 0;
        long records = 0;
        long bytes = 0;
        long copies = 0;
        int losses = 0;
        while (true) {
            JournalEntry newest = log.newest()
                    .orElseThrow(() -> new PreconditionFailedException(
                            log.table() + " has no journal", "protect the table first"));
            if (newest.ended().isPresent()) {
                return new SealReport(
                        entries, records, bytes, copies, newest.watermarkMicros(), false, newest.ended(), List.of());
            }
            try {
                SealedRound round;
                List<String> notes;
                boolean worth;
                boolean waiting = false;
                try (RoundInputs inputs = new RoundInputs(store, captures, log, newest, settings, streams, awaited)) {
                    round = SealedRound.of(inputs, newest, () -> known(newest), clock);
                    notes = fastClocks(round.fastClocks());
                    worth = round.isWorthPublishing(newest, settings);
                    if (!worth) {
                        inputs.requireNotCollected(floors, clock.instant());
                        waiting = round.isWaiting();
                    }
                }
                if (!worth) {
                    return new SealReport(
                            entries,
                            records,
                            bytes,
                            copies,
                            newest.watermarkMicros(),
                            waiting,
                            Optional.empty(),
                            notes);
                }
                if (publish(newest, round, owners.get().or(newest::owners))) {
                    entries++;
                    records += round.records().size();
                    bytes += round.bytes();
                    copies += round.copies();
                } else if (++losses > MOST_LOSSES) {
                    throw busy(losses);
                }
            } catch (NotFoundException e) {
                // What it read may have been collected, once others had gone on.
                if (log.newest().map(JournalEntry::number).equals(Optional.of(newest.number()))
                        || ++losses > MOST_LOSSES) {
                    throw e;
                }
                known = null;
            }
        }
    }

    /** Once: who goes on from a hole, into which it puts another entry, makes what lies behind that unreachable. */
    private void requireNoHole() {
        if (!looked) {
            log.requireNoHole();
            looked = true;
        }
    }

    private BusyException busy(int losses) {
        return new BusyException(
                "other sealers of " + log.table() + " won " + losses + " entries in a row", "let one of them do it");
    }

    private static List<String> fastClocks(Map<UUID, Duration> ahead) {
        return ahead.entrySet().stream()
                .map(one -> "the clock of node " + one.getKey() + " is "
                        + one.getValue().toMillis() / 1000
                        + " s ahead of this machine's: until that time has come, what it captures makes no instant final"
                        + " and no guarantee; set the clocks right")
                .toList();
    }

    private boolean publish(JournalEntry newest, SealedRound round, Optional<JournalEntry.Owners> owners) {
        List<Segment> segments = new RoundSegments(store, log, scratch, random)
                .put(round.records(), round.changes(), round.versionNumbers());
        List<SchemaVersion> schemas = round.schemas(newest);
        JournalEntry sealed = new JournalEntry(
                JournalEntry.FORMAT,
                newest.number() + 1,
                log.digestOf(newest.number()),
                clock.instant(),
                writer,
                log.table(),
                log.tableId(),
                round.watermarkMicros(),
                newest.lastNumber() + round.records().size(),
                round.truncated(),
                schemas,
                round.definitions(),
                segments,
                round.consumed(),
                round.whole(),
                round.gaps(),
                round.events(),
                round.spreadMicros(),
                owners,
                round.ended());
        JournalEntry entry = Checkpoints.in(log, sealed);
        Failpoints.hit(Failpoint.SEAL_ENTRY);
        JournalLog.Outcome outcome = log.append(entry);
        if (outcome == JournalLog.Outcome.LOST) {
            segments.forEach(segment -> store.delete(segment.object().key()));
        }
        if (outcome != JournalLog.Outcome.PUBLISHED) {
            return false;
        }
        KnownChanges changes = known;
        if (changes == null || !isKnownUpTo(newest)) {
            // Nothing was asked of it; it is read when something is.
            known = null;
            return true;
        }
        long gone = round.truncatedUpTo();
        if (gone >= 0) {
            changes.clear();
        }
        for (ChangeRecord record : round.records()) {
            if (record.number() > gone) {
                changes.add(record.digest(), record.instantMicros());
            }
        }
        knownUpTo = entry.lastNumber();
        knownTruncated = entry.truncatedMicros();
        return true;
    }

    /** How many published changes are remembered. */
    public int remembered() {
        return known == null ? 0 : known.size();
    }

    /** Lets go of what is remembered of published changes; it is read again when it is needed. */
    public void forget() {
        known = null;
    }

    /** What is known of the entries up to this one, which may be further than this sealer has published itself. */
    private KnownChanges known(JournalEntry newest) {
        KnownChanges changes = known;
        if (changes == null || !isKnownUpTo(newest)) {
            changes = KnownChanges.load(store, log, newest, settings.copies(), settings.mostCopies());
            known = changes;
            knownUpTo = newest.lastNumber();
            knownTruncated = newest.truncatedMicros();
        }
        changes.reached(newest.watermarkMicros());
        return changes;
    }

    private boolean isKnownUpTo(JournalEntry newest) {
        return knownUpTo == newest.lastNumber() && knownTruncated.equals(newest.truncatedMicros());
    }
}
