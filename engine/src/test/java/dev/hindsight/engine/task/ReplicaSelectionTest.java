package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.MissingReplica;
import dev.hindsight.repository.document.BackupPlan.Slice;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicaSelectionTest {
    private static final UUID A = Rig.host(1);
    private static final UUID B = Rig.host(2);
    private static final UUID C = Rig.host(3);

    /** A owns (0,100], B (50,150], C (0,150]. */
    private final ReplicaSelection selection = new ReplicaSelection(shard(
            List.of(
                    new Slice(A, List.of(new TokenRange(0, 100))),
                    new Slice(B, List.of(new TokenRange(50, 150))),
                    new Slice(C, List.of(new TokenRange(0, 150)))),
            List.of()));

    private static BackupPlan.Shard shard(List<Slice> slices, List<MissingReplica> missing) {
        return new BackupPlan.Shard(1, Rig.TABLE, Rig.TABLE_ID, List.of(new TokenRange(0, 150)), slices, missing, 1, 1);
    }

    @Test
    void coverageIsExactByRange() {
        assertThat(selection.coverage())
                .containsExactly(
                        new Coverage(new TokenRange(0, 50), List.of(A, C), List.of()),
                        new Coverage(new TokenRange(50, 100), List.of(A, B, C), List.of()),
                        new Coverage(new TokenRange(100, 150), List.of(B, C), List.of()));
        assertThat(selection.everyReplicaIsRead()).isTrue();
    }

    @Test
    void aSliceBeyondTheShardIsCutToIt() {
        ReplicaSelection wide = new ReplicaSelection(shard(List.of(new Slice(A, List.of(TokenRange.FULL))), List.of()));

        assertThat(wide.wanted(A, "oa-1-big")).isEqualTo(TokenRanges.of(new TokenRange(0, 150)));
    }

    @Test
    void ofADamagedReplicaOnlyWhatNobodyElseHasWholeIsStillWanted() {
        selection.corrupt(C, "oa-1-big", "bad chunk");
        assertThat(selection.wanted(C, "oa-2-big").isEmpty()).isTrue();

        selection.corrupt(A, "oa-9-big", "bad index");

        assertThat(selection.wanted(A, "oa-9-big").isEmpty()).isTrue();
        assertThat(selection.wanted(A, "oa-8-big")).isEqualTo(TokenRanges.of(new TokenRange(0, 50)));
        assertThat(selection.wanted(C, "oa-2-big")).isEqualTo(TokenRanges.of(new TokenRange(0, 50)));
        assertThat(selection.wanted(C, "oa-1-big").isEmpty()).isTrue();
        assertThat(selection.wanted(B, "oa-1-big")).isEqualTo(TokenRanges.of(new TokenRange(50, 150)));
        assertThat(selection.everyReplicaIsRead()).isFalse();
        assertThat(selection.coverage().get(0).read()).isEmpty();
        assertThat(selection.coverage().get(1).read()).containsExactly(B);
    }

    @Test
    void aLostReplicaIsReplaceableOnlyWhileOthersCoverAllOfIt() {
        assertThat(selection.replaceable(A)).isTrue();

        selection.lose(C, "no answer");

        assertThat(selection.replaceable(A)).isFalse();
        assertThat(selection.replaceable(B)).isFalse();
        assertThat(selection.wanted(C, "oa-1-big").isEmpty()).isTrue();
    }

    @Test
    void replicasMissingFromThePlanKeepTombstones() {
        ReplicaSelection one = new ReplicaSelection(shard(
                List.of(new Slice(A, List.of(new TokenRange(0, 150)))),
                List.of(new MissingReplica(B, List.of(new TokenRange(100, 150)), "down"))));

        assertThat(one.everyReplicaIsRead()).isFalse();
        assertThat(one.coverage()).hasSize(2);
        assertThat(one.coverage().get(0).missing()).isEmpty();
        assertThat(one.coverage().get(1).missing().get(0).hostId()).isEqualTo(B);
    }
}
