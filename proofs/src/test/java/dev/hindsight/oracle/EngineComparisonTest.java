package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random cases through two engines. {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow; a
 * failure prints the case in its smallest form.
 */
class EngineComparisonTest {
    private static final System.Logger LOG = System.getLogger(EngineComparisonTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int SHRINKING_TRIES = 600;

    /** About a minute and a half of CPU. */
    private static final int GATE_CASES = 300;

    @TempDir
    Path temp;

    /** The verifier wants a store, and a store makes its directories. */
    @AfterAll
    static void deleteWhatTheStoreMade() {
        if (Files.exists(CassandraRuntime.nowhere())) {
            ScratchDirectory.delete(CassandraRuntime.nowhere());
        }
    }

    @Test
    void theCursorEngineGivesWhatTheReferenceGives() {
        compare(new CursorSynthesiser(), Integer.getInteger("test.cases", GATE_CASES));
    }

    /** Other seeds than the gate's. */
    @Tag("nightly")
    @Test
    void theCursorEngineGivesWhatTheReferenceGivesThousandsOfTimes() {
        compare(SEED + 1_000_000, new CursorSynthesiser(), Integer.getInteger("test.cases", 5_000));
    }

    @Test
    void theReferenceAgreesWithItself() {
        compare(Mutants.NONE, 10);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aWrongEngineIsFound(Mutants mutant) {
        assertThat(new EngineComparison(new ReferenceSynthesiser(), mutant)
                        .difference(failing(mutant), temp.resolve("case")))
                .isPresent();
    }

    @Test
    void aFailureShrinksToAFewStatements() {
        EngineCase failing = failing(Mutants.IS_LATE);

        EngineCase smallest = shrunk(new EngineComparison(new ReferenceSynthesiser(), Mutants.IS_LATE), failing, 250);

        assertThat(smallest.size()).as(smallest.text()).isLessThan(4);
        assertThat(smallest.flushes()).as(smallest.text()).hasSizeLessThan(3);
    }

    private EngineCase failing(Mutants mutant) {
        EngineComparison comparison = new EngineComparison(new ReferenceSynthesiser(), mutant);
        for (long seed = SEED; seed < SEED + 200; seed++) {
            EngineCase of = CaseGenerator.generate(seed);
            if (comparison.difference(of, temp.resolve("case")).isPresent()) {
                return of;
            }
        }
        return fail("200 cases do not tell " + mutant + " from the reference");
    }

    private void compare(Synthesiser candidate, int cases) {
        compare(SEED, candidate, cases);
    }

    private void compare(long first, Synthesiser candidate, int cases) {
        EngineComparison comparison = new EngineComparison(new ReferenceSynthesiser(), candidate);
        for (int i = 0; i < cases; i++) {
            long seed = first + i;
            EngineCase of = CaseGenerator.generate(seed);
            Optional<String> difference = comparison.difference(of, temp.resolve("case"));
            if (difference.isPresent()) {
                EngineCase smallest = shrunk(comparison, of, SHRINKING_TRIES);
                fail("-Dtest.seed=" + seed + " of " + candidate.name() + " differs: " + difference.get()
                        + "\n\nsmallest:\n" + smallest.text()
                        + comparison.difference(smallest, temp.resolve("case")).orElse("no difference any more"));
            }
            if ((i + 1) % 100 == 0) {
                LOG.log(System.Logger.Level.INFO, "{0} of {1} cases agree", i + 1, cases);
            }
        }
    }

    private EngineCase shrunk(EngineComparison comparison, EngineCase failing, int tries) {
        return CaseShrinker.shrink(
                failing,
                smaller -> {
                    try {
                        return comparison
                                .difference(smaller, temp.resolve("case"))
                                .isPresent();
                    } catch (RuntimeException | Error e) {
                        return false;
                    }
                },
                tries);
    }
}
