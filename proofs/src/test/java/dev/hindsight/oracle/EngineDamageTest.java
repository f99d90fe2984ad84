package dev.hindsight.oracle;

import static org.junit.jupiter.api.Assertions.fail;

import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow. */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EngineDamageTest {
    private static final System.Logger LOG = System.getLogger(EngineDamageTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int DAMAGES = 20;

    @TempDir
    Path temp;

    @Test
    void wrongBytesAreNamedOrChangeNothing() {
        damage(SEED, 70);
    }

    @Test
    void anIndexThatLacksEntriesLosesNoPartitions() {
        CassandraRuntime.start();
        new EngineDamage(new CursorSynthesiser(), temp).wrong(141, DAMAGES).ifPresent(wrong -> fail(wrong));
    }

    @Tag("nightly")
    @Test
    void manyWrongBytesAreNamedOrChangeNothing() {
        damage(SEED + 1_000_000, 3_000);
    }

    private void damage(long first, int gate) {
        CassandraRuntime.start();
        int cases = Integer.getInteger("test.cases", gate);
        EngineDamage engine = new EngineDamage(new CursorSynthesiser(), temp);
        for (int i = 0; i < cases; i++) {
            engine.wrong(first + i, DAMAGES).ifPresent(wrong -> fail(wrong));
            if ((i + 1) % 100 == 0) {
                LOG.log(System.Logger.Level.INFO, "{0} of {1} cases: {2}", i + 1, cases, engine.outcomes());
            }
        }
    }
}
