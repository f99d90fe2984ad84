package dev.hindsight.model.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.journal.MergePolicy.Part;
import dev.hindsight.model.journal.MergePolicy.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergePolicyTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final MergePolicy POLICY = MergePolicy.DEFAULT;

    private static List<Part> parts(int count, int schema, long bytes) {
        List<Part> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.add(new Part(schema, 10, bytes));
        }
        return out;
    }

    @Test
    void eightSmallNeighboursBecomeOne() {
        assertThat(POLICY.due(parts(7, 1, 1000))).isEmpty();
        assertThat(POLICY.due(parts(8, 1, 1000))).contains(new Run(0, 8));
        assertThat(POLICY.due(parts(100, 1, 1000))).contains(new Run(0, 64));
    }

    @Test
    void anotherSchemaInBetweenKeepsThemApart() {
        List<Part> parts = parts(7, 1, 1000);
        parts.addAll(parts(1, 2, 1000));
        parts.addAll(parts(8, 1, 1000));

        assertThat(POLICY.due(parts)).contains(new Run(8, 16));
        assertThat(POLICY.due(parts.subList(0, 15))).isEmpty();
    }

    @Test
    void oneThatIsLargeAlreadyIsLeftAloneUntilItHasSevenLikeIt() {
        List<Part> parts = parts(1, 1, 30 << 20);
        parts.addAll(parts(7, 1, 1000));

        assertThat(POLICY.due(parts)).isEmpty();

        parts.addAll(0, parts(6, 1, 30 << 20));
        // Of the rank of 32 MiB, together 210 MiB.
        assertThat(POLICY.due(parts)).contains(new Run(0, 14));
    }

    @Test
    void noneBecomesLargerThanItMay() {
        assertThat(POLICY.due(parts(20, 1, 100 << 20))).isEmpty();
        List<Part> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(new Part(1, 70_000, 1000));
        }
        assertThat(POLICY.due(many)).isEmpty();
        assertThatThrownBy(() -> new MergePolicy(1, 8, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aJournalOfAnyHistoryHasFewSegmentsAndWritesEachRecordAFewTimes() {
        for (int run = 0; run < 5; run++) {
            Random random = new Random(SEED + run);
            List<Part> journal = new ArrayList<>();
            long written = 0;
            long total = 0;
            int most = 0;
            long mean = 1 << (10 + random.nextInt(10));
            for (int i = 0; i < 20_000; i++) {
                Part next = new Part(1, 1 + random.nextInt(300), 300 + random.nextLong(2 * mean));
                total += next.bytes();
                journal.add(next);
                for (Optional<Run> due = POLICY.due(journal); due.isPresent(); due = POLICY.due(journal)) {
                    List<Part> inputs =
                            journal.subList(due.get().from(), due.get().to());
                    Part merged = new Part(
                            1,
                            inputs.stream().mapToLong(Part::records).sum(),
                            inputs.stream().mapToLong(Part::bytes).sum());
                    assertThat(merged.bytes()).isLessThanOrEqualTo(POLICY.mostBytes());
                    assertThat(merged.records()).isLessThanOrEqualTo(POLICY.mostRecords());
                    written += merged.bytes();
                    inputs.clear();
                    journal.add(due.get().from(), merged);
                }
                long full = journal.stream()
                        .filter(part -> part.bytes() > POLICY.mostBytes() / POLICY.fan()
                                || part.records() > POLICY.mostRecords() / POLICY.fan())
                        .count();
                most = Math.max(most, journal.size() - (int) full);
            }
            assertThat(most).as("seed %d", SEED + run).isLessThan(6 * POLICY.fan());
            // Each record once for each rank, and what is below rank 0 up to eight times.
            assertThat(written).as("seed %d", SEED + run).isLessThan(15 * total);
        }
    }
}
