package dev.hindsight.oracle;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow. */
class JournalReplayTest {
    private static final System.Logger LOG = System.getLogger(JournalReplayTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int SHRINKING_TRIES = 300;

    @TempDir
    Path temp;

    @Test
    void replayedMutationsAreWhatCassandraMakesOfThem() {
        compare(SEED, Integer.getInteger("test.cases", 25));
    }

    /** Other seeds than the gate's. */
    @Tag("nightly")
    @Test
    void replayedMutationsAreWhatCassandraMakesOfThemThousandsOfTimes() {
        compare(SEED + 2_000_000, Integer.getInteger("test.cases", 4_000));
    }

    @Test
    void wrongBytesAreNamedOrGiveSSTablesThatCanBeRead() {
        damage(SEED, Integer.getInteger("test.cases", 80));
    }

    @Tag("nightly")
    @Test
    void manyWrongBytesAreNamedOrGiveSSTablesThatCanBeRead() {
        damage(SEED + 2_000_000, Integer.getInteger("test.cases", 20_000));
    }

    private void damage(long first, int cases) {
        CassandraRuntime.start();
        for (int i = 0; i < cases; i++) {
            long seed = first + i;
            new JournalProof(CaseGenerator.generate(seed), temp.resolve("damaged"))
                    .damaged()
                    .ifPresent(wrong -> fail("-Dtest.seed=" + seed + ": " + wrong));
        }
    }

    private void compare(long first, int cases) {
        CassandraRuntime.start();
        for (int i = 0; i < cases; i++) {
            EngineCase of = CaseGenerator.generate(first + i);
            Optional<String> difference = difference(of);
            if (difference.isPresent()) {
                EngineCase smallest = CaseShrinker.shrink(of, this::fails, SHRINKING_TRIES);
                fail("-Dtest.seed=" + of.seed() + " differs: " + difference.get() + "\n\nsmallest:\n" + smallest.text()
                        + difference(smallest).orElse("no difference any more"));
            }
            if ((i + 1) % 100 == 0) {
                LOG.log(System.Logger.Level.INFO, "{0} of {1} cases agree", i + 1, cases);
            }
        }
    }

    private boolean fails(EngineCase smaller) {
        try {
            return difference(smaller).isPresent();
        } catch (RuntimeException | Error e) {
            return false;
        }
    }

    private Optional<String> difference(EngineCase of) {
        return new JournalProof(of, temp.resolve("case")).difference();
    }
}
