package dev.hindsight.model.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.journal.CaptureRetention.Reader;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CaptureRetentionTest {
    private static final UUID HOST = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);
    private static final Incarnation OLD = new Incarnation(1_000, 7);
    private static final Incarnation NOW = new Incarnation(2_000, 8);

    private static Reader reader(String cluster, UUID host, Map<Incarnation, Long> consumed) {
        return new Reader(cluster, Map.of(host, consumed));
    }

    @Test
    void theSlowestTableKeepsWhatItHasNotSealed() {
        List<Reader> readers = List.of(reader("prod", HOST, Map.of(NOW, 12L)), reader("prod", HOST, Map.of(NOW, 7L)));

        assertThat(CaptureRetention.firstNeeded(HOST, NOW, readers)).isEqualTo(7);
    }

    @Test
    void whoHasNotBegunWithAnIncarnationBeginsAtItsStart() {
        List<Reader> readers =
                List.of(reader("prod", HOST, Map.of(OLD, 5L, NOW, 12L)), reader("prod", HOST, Map.of(OLD, 9L)));

        assertThat(CaptureRetention.firstNeeded(HOST, NOW, readers)).isZero();
        assertThat(CaptureRetention.firstNeeded(HOST, OLD, readers)).isEqualTo(5);
    }

    @Test
    void whichIncarnationIsYoungerNoClockTells() {
        List<Reader> readers =
                List.of(reader("prod", HOST, Map.of(OLD, 5L, NOW, 12L)), reader("prod", HOST, Map.of(NOW, 3L)));

        assertThat(CaptureRetention.firstNeeded(HOST, OLD, readers)).isZero();
    }

    @Test
    void anotherClustersTablesHoldNothingBackAndANewNodesAreKept() {
        List<Reader> readers = List.of(reader("prod", HOST, Map.of(NOW, 12L)), reader("lab", OTHER, Map.of(NOW, 3L)));

        assertThat(CaptureRetention.firstNeeded(HOST, NOW, readers)).isEqualTo(12);
        assertThat(CaptureRetention.firstNeeded(OTHER, NOW, readers)).isEqualTo(3);
        assertThat(CaptureRetention.firstNeeded(new UUID(0, 3), NOW, readers)).isZero();
    }

    @Test
    void aSecondTableThatNeverReadAHostOfItsClusterKeepsAllOfIt() {
        List<Reader> readers = List.of(reader("prod", HOST, Map.of(NOW, 12L)), reader("prod", OTHER, Map.of(NOW, 3L)));

        assertThat(CaptureRetention.firstNeeded(HOST, NOW, readers)).isZero();
    }

    @Test
    void whereNothingIsProtectedNobodyNeedsAny() {
        assertThat(CaptureRetention.firstNeeded(HOST, NOW, List.of())).isEqualTo(CaptureRetention.NOBODY);
    }
}
