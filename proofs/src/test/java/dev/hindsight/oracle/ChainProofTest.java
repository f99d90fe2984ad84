package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.fail;

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

/**
 * Random chains of increments, held against Cassandra's classes. {@code -Dtest.seed} sets the first seed, {@code
 * -Dtest.cases} how many follow; a failure prints the case in its smallest form.
 */
class ChainProofTest {
    private static final System.Logger LOG = System.getLogger(ChainProofTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int SHRINKING_TRIES = 200;

    /** About 40 s of CPU. */
    private static final int GATE_CASES = 50;

    @TempDir
    Path temp;

    @AfterAll
    static void deleteWhatTheStoreMade() {
        if (Files.exists(CassandraRuntime.nowhere())) {
            ScratchDirectory.delete(CassandraRuntime.nowhere());
        }
    }

    @Test
    void whatIsKeptMakesTheChainWhatAllThatIsNewWouldHaveMadeIt() {
        prove(SEED, Integer.getInteger("test.cases", GATE_CASES), new CursorSynthesiser());
    }

    @Test
    void theSameWhenTheReferenceMergesWhatIsNew() {
        prove(SEED + 500_000, Integer.getInteger("test.cases", GATE_CASES) / 10, new ReferenceSynthesiser());
    }

    @Tag("nightly")
    @Test
    void theSameThousandsOfTimes() {
        prove(SEED + 1_000_000, Integer.getInteger("test.cases", 4_000), new CursorSynthesiser());
    }

    private void prove(long first, int cases, Synthesiser maker) {
        long[] runs = new long[3];
        long kept = 0;
        long redundant = 0;
        for (int i = 0; i < cases; i++) {
            long seed = first + i;
            EngineCase of = CaseGenerator.generate(seed);
            ChainProof.Outcome outcome = ChainProof.of(of, temp.resolve("case"), maker);
            Optional<String> wrong = outcome.wrong();
            if (wrong.isPresent()) {
                EngineCase smallest = shrunk(of, maker);
                fail("-Dtest.seed=" + seed + ": " + wrong.get() + "\n\nsmallest:\n" + smallest.text()
                        + ChainProof.of(smallest, temp.resolve("case"), maker)
                                .wrong()
                                .orElse("nothing wrong any more"));
            }
            for (int k = 0; k < runs.length; k++) {
                runs[k] += outcome.runs().get(k);
            }
            kept += outcome.keptRows();
            redundant += outcome.redundantRows();
        }
        LOG.log(
                System.Logger.Level.INFO,
                "{0} chains from seed {1}: runs known {2}, new {3}, compared {4}; rows kept {5}, redundant beside them {6}",
                cases,
                Long.toString(first),
                runs[0],
                runs[1],
                runs[2],
                kept,
                redundant);
    }

    private EngineCase shrunk(EngineCase failing, Synthesiser maker) {
        return CaseShrinker.shrink(
                failing,
                smaller -> {
                    try {
                        return ChainProof.of(smaller, temp.resolve("case"), maker)
                                .wrong()
                                .isPresent();
                    } catch (RuntimeException | Error e) {
                        return false;
                    }
                },
                SHRINKING_TRIES);
    }
}
