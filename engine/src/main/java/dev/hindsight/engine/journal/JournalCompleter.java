package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.journal.Checkpoints;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Stores what rows were before records of a journal: joins the records with a base, and publishes what comes out by an entry of
 * the journal's log. Records never change and keep their numbers, so that a merge of segments in between changes nothing. A
 * collection may have found the objects to be named by nobody, and another completer may have been faster: then they are
 * thrown away.
 *
 * <p>One thread; any number of completers, mergers and sealers of one journal may run at once.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} and {@link dev.hindsight.synthesis.CorruptInputException} for
 * inputs that are not as published; {@link NotFoundException} where a segment was collected since the plan was made; {@link
 * dev.hindsight.model.failure.CapacityException} for a full scratch. Nothing is published then.
 */
public final class JournalCompleter {
    private static final int MOST_LOSSES = 1_000;

    private final ObjectStore store;
    private final JournalLog log;
    private final Scratch scratch;
    private final BeforeValues.Limits limits;
    private final Clock clock;
    private final String writer;
    private final RandomGenerator random;

    /**
     * @param scratch for what is read of the base, what does not fit into memory, and objects before they are put
     * @param writer who this is, for people
     */
    public JournalCompleter(
            ObjectStore store,
            JournalLog log,
            Scratch scratch,
            BeforeValues.Limits limits,
            Clock clock,
            String writer,
            RandomGenerator random) {
        this.store = store;
        this.log = log;
        this.scratch = scratch;
        this.limits = limits;
        this.clock = clock;
        this.writer = writer;
        this.random = random;
    }

    /**
     * @param published empty when another one was faster, or a collection came in between
     * @param records of the plan
     * @param updateBytes that they have
     */
    public record Report(Optional<Completion> published, long records, long updateBytes) {}

    /**
     * Carries out a plan.
     *
     * @param entry number of the newest log entry when it was made
     */
    public Report complete(BeforePlan plan, long entry) {
        BeforeRun.Result result = new BeforeRun(store, log, scratch, random, limits).run(plan);
        // What fails may have been published all the same; if not, a collection finds the objects.
        JournalLog.Outcome outcome = publish(entry, result.completion());
        if (outcome == JournalLog.Outcome.LOST) {
            BeforeObjects.delete(store, result.completion().objects());
        }
        return new Report(
                outcome == JournalLog.Outcome.PUBLISHED ? Optional.of(result.completion()) : Optional.empty(),
                result.records(),
                result.updateBytes());
    }

    private JournalLog.Outcome publish(long base, Completion completion) {
        for (int losses = 0; losses < MOST_LOSSES; losses++) {
            JournalEntry newest = log.newest().orElseThrow();
            if (!isUndisturbed(base, newest, completion)) {
                return JournalLog.Outcome.LOST;
            }
            JournalEntry entry = newest.completion(log.digestOf(newest.number()), clock.instant(), writer, completion);
            Failpoints.hit(Failpoint.COMPLETE_ENTRY);
            JournalLog.Outcome outcome = log.append(Checkpoints.in(log, entry));
            if (outcome != JournalLog.Outcome.LOST) {
                return outcome;
            }
        }
        return JournalLog.Outcome.LOST;
    }

    /** Whether neither another completion of any of the records nor a collection was published since. */
    private boolean isUndisturbed(long base, JournalEntry newest, Completion completion) {
        try {
            for (long number = base + 1; number <= newest.number(); number++) {
                JournalEntry since = log.entry(number);
                boolean collection = since.upkeep()
                        .map(Upkeep::replaced)
                        .filter(replaced -> replaced.isEmpty())
                        .isPresent();
                boolean another = since.completed()
                        .filter(one -> one.firstNumber() <= completion.lastNumber()
                                && one.lastNumber() >= completion.firstNumber())
                        .isPresent();
                if (collection || another) {
                    return false;
                }
            }
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }
}
