package dev.hindsight.trials.chain;

import dev.hindsight.trials.chain.Play.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories of a cluster and of its backups: writes, compaction, schema and ring, and every verb in between. After
 * each verb every restore point that can be seen gives back what a read at ALL gave at its instant, and nothing that is
 * referenced is missing. Listings leave out what they like.
 *
 * <p>{@code -Dtest.seed} and {@code -Dtest.cases} choose the histories. One that fails is printed as short as could be
 * made quickly.
 */
class ChainModelTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_301L);
    private static final int GATE_CASES = 11;
    private static final int NIGHTLY_CASES = 300;
    private static final int STEPS = 45;
    private static final int SHRINKING_ATTEMPTS = 30;

    @TempDir(factory = QuickDirectory.class)
    private Path temp;

    private int plays;

    @BeforeAll
    static void quiet() {
        Quiet.begin();
    }

    @AfterAll
    static void logAgain() {
        Quiet.end();
    }

    @Test
    void everyRestorePointGivesBackWhatAReadAtAllGave() {
        histories(SEED, Integer.getInteger("test.cases", GATE_CASES));
    }

    @Test
    @Tag("nightly")
    void everyRestorePointOfManyHistoriesGivesBackWhatAReadAtAllGave() {
        histories(SEED + 1_000_000, Integer.getInteger("test.cases", NIGHTLY_CASES));
    }

    private void histories(long first, int cases) {
        for (long seed = first; seed < first + cases; seed++) {
            List<Step> steps = Script.random(seed, STEPS);
            Optional<Throwable> failure = failure(seed, steps);
            if (failure.isPresent()) {
                long same = seed;
                List<Step> fewer =
                        Script.shrink(steps, some -> failure(same, some).isPresent(), SHRINKING_ATTEMPTS);
                throw new AssertionError(
                        "seed " + seed + " fails; shortest found: " + fewer,
                        failure(seed, fewer).or(() -> failure).orElseThrow());
            }
        }
    }

    private Optional<Throwable> failure(long seed, List<Step> steps) {
        Path directory = temp.resolve("play" + plays++);
        try {
            Play play = new Play(directory, seed, store -> new HidingStore(store, seed));
            steps.forEach(play::step);
            return Optional.empty();
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(e);
        } finally {
            Trees.delete(directory);
        }
    }
}
