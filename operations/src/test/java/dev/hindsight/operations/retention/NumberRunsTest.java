package dev.hindsight.operations.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NumberRunsTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);

    private static List<Long> all(NumberRuns runs) {
        List<Long> out = new ArrayList<>();
        for (PrimitiveIterator.OfLong numbers = runs.iterator(); numbers.hasNext(); ) {
            out.add(numbers.nextLong());
        }
        return out;
    }

    @Test
    void theyAreTheNumbersThatWereAdded() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            TreeSet<Long> numbers = new TreeSet<>();
            NumberRuns.Builder builder = new NumberRuns.Builder();
            int span = 1 + random.nextInt(80);
            for (int i = random.nextInt(60); i >= 0; i--) {
                long number = random.nextInt(span) + (random.nextInt(20) == 0 ? 999_999_999_000L : 0);
                numbers.add(number);
                builder.add(number);
            }
            long limit = random.nextInt(span + 2);

            NumberRuns runs = builder.runs();

            assertThat(all(runs)).as("-Dtest.seed=%d", SEED).isEqualTo(List.copyOf(numbers));
            assertThat(runs.first()).isEqualTo(numbers.first());
            assertThat(runs.count()).isEqualTo(numbers.size());
            assertThat(runs.countBelow(limit)).isEqualTo(numbers.headSet(limit).size());
        }
    }
}
