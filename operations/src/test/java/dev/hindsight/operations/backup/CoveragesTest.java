package dev.hindsight.operations.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupManifest.Missing;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CoveragesTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);

    @Test
    void neighboursWithTheSameReplicasAreJoinedInRangeOrder() {
        List<Coverage> joined = Coverages.join(List.of(
                new Coverage(new TokenRange(10, 20), List.of(B, A), List.of()),
                new Coverage(new TokenRange(0, 10), List.of(A, B), List.of()),
                new Coverage(new TokenRange(20, 30), List.of(A), List.of(new Missing(B, "down")))));

        assertThat(joined)
                .containsExactly(
                        new Coverage(new TokenRange(0, 20), List.of(A, B), List.of()),
                        new Coverage(new TokenRange(20, 30), List.of(A), List.of(new Missing(B, "down"))));
    }

    @Test
    void aRangeThatNobodyWasReadForIsUncovered() {
        Coverage dark = new Coverage(new TokenRange(0, 10), List.of(), List.of(new Missing(A, "down")));

        assertThat(Coverages.uncovered(List.of(dark))).containsExactly(dark);
    }
}
