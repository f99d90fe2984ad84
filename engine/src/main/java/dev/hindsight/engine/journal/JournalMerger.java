package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.MergePolicy;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.journal.Checkpoints;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Makes few large segments of a journal's many small ones, so that a restore reads a bounded number of objects. No record
 * changes; what a merge takes the place of stays where it is until it is collected, so that whoever reads it goes on.
 *
 * <p>A merge is published by an entry of the log, like everything else. A sealer that was faster is no loss: the merge goes
 * behind its entry. Another merge, or a collection, is: then what was written is thrown away, since by then somebody may have
 * found it to be named by nobody.
 *
 * <p>One thread; any number of mergers and sealers of one journal may run at once.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} for inputs that are not as published: they stay as they are; {@link
 * dev.hindsight.model.failure.CapacityException} for a full scratch.
 */
public final class JournalMerger {
    private static final int MOST_LOSSES = 1_000;

    private final ObjectStore store;
    private final JournalLog log;
    private final Path scratch;
    private final MergePolicy policy;
    private final Clock clock;
    private final String writer;
    private final RandomGenerator random;

    /**
     * @param scratch directory that is there; takes up to twice {@link MergePolicy#mostBytes}
     * @param writer who this is, for people
     */
    public JournalMerger(
            ObjectStore store,
            JournalLog log,
            Path scratch,
            MergePolicy policy,
            Clock clock,
            String writer,
            RandomGenerator random) {
        this.store = store;
        this.log = log;
        this.scratch = scratch;
        this.policy = policy;
        this.clock = clock;
        this.writer = writer;
        this.random = random;
    }

    /**
     * @param merges that were published
     * @param segments that they took the place of
     * @param bytes that were written, as stored
     * @param left segments that the journal has now
     */
    public record Report(int merges, int segments, long bytes, int left) {}

    /**
     * Merges what is due.
     *
     * @param most merges; the rest is for the next time
     */
    public Report merge(int most) {
        int merges = 0;
        int segments = 0;
        long bytes = 0;
        while (true) {
            Optional<JournalView> view = JournalView.find(log);
            Optional<MergePolicy.Run> due = merges < most ? view.flatMap(this::due) : Optional.empty();
            if (due.isEmpty()) {
                return new Report(
                        merges,
                        segments,
                        bytes,
                        view.map(one -> one.segments().size()).orElse(0));
            }
            List<Segment> inputs = view.orElseThrow()
                    .segments()
                    .subList(due.get().from(), due.get().to());
            Segment merged;
            try {
                merged = new SegmentMerge(store, log, scratch, random).put(inputs);
            } catch (NotFoundException e) {
                if (moved(view.orElseThrow(), inputs)) {
                    continue;
                }
                throw e;
            }
            bytes += merged.object().sizeBytes();
            JournalLog.Outcome outcome = publish(view.orElseThrow().newest().number(), inputs, merged);
            if (outcome == JournalLog.Outcome.PUBLISHED) {
                merges++;
                segments += inputs.size();
            } else {
                if (outcome == JournalLog.Outcome.LOST) {
                    store.delete(merged.object().key());
                }
                return new Report(
                        merges, segments, bytes, view.orElseThrow().segments().size());
            }
        }
    }

    private Optional<MergePolicy.Run> due(JournalView view) {
        return policy.due(view.segments().stream()
                .map(segment -> new MergePolicy.Part(
                        segment.schema(), segment.records(), segment.object().sizeBytes()))
                .toList());
    }

    /** Whether the log has gone on, and the journal does not have all of these any more. */
    private boolean moved(JournalView view, List<Segment> inputs) {
        JournalView now = JournalView.find(log).orElseThrow();
        return now.newest().number() > view.newest().number() && !now.segments().containsAll(inputs);
    }

    /** @param base number of the entry that the merge was decided from */
    private JournalLog.Outcome publish(long base, List<Segment> inputs, Segment merged) {
        Set<String> replaced = new HashSet<>();
        inputs.forEach(input -> replaced.add(input.object().key()));
        for (int losses = 0; losses < MOST_LOSSES; losses++) {
            JournalEntry newest = log.newest().orElseThrow();
            if (!onlySealedSince(base, newest)) {
                return JournalLog.Outcome.LOST;
            }
            JournalEntry entry = newest.upkeep(
                    log.digestOf(newest.number()),
                    clock.instant(),
                    writer,
                    List.of(merged),
                    new Upkeep(replaced.stream().sorted().toList(), 0, Optional.empty()));
            Failpoints.hit(Failpoint.MERGE_ENTRY);
            JournalLog.Outcome outcome = log.append(Checkpoints.in(log, entry));
            if (outcome != JournalLog.Outcome.LOST) {
                return outcome;
            }
        }
        return JournalLog.Outcome.LOST;
    }

    /** Entries that are gone were collected, and so this merge may have been. */
    private boolean onlySealedSince(long base, JournalEntry newest) {
        try {
            for (long number = base + 1; number <= newest.number(); number++) {
                if (log.entry(number).upkeep().isPresent()) {
                    return false;
                }
            }
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }
}
