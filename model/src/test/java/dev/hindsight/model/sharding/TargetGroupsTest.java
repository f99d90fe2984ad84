package dev.hindsight.model.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TargetGroupsTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);

    @Test
    void rangesOfOneReplicaSetFormOneGroupWhateverTheOrder() {
        ReplicaMap owners = new ReplicaMap(List.of(
                new ReplicaMap.Entry(new TokenRange(Long.MIN_VALUE, 0), List.of(A, B)),
                new ReplicaMap.Entry(new TokenRange(0, 10), List.of(B, A)),
                new ReplicaMap.Entry(new TokenRange(10, Long.MAX_VALUE), List.of(B, C))));

        List<TargetGroups.Group> groups = TargetGroups.of(owners, 6);

        assertThat(groups)
                .containsExactlyInAnyOrder(
                        new TargetGroups.Group(List.of(A, B), TokenRanges.of(new TokenRange(Long.MIN_VALUE, 10))),
                        new TargetGroups.Group(List.of(B, C), TokenRanges.of(new TokenRange(10, Long.MAX_VALUE))));
    }

    @Test
    void manySetsPerNodeGiveOneGroupPerNode() {
        List<ReplicaMap.Entry> entries = new ArrayList<>();
        long start = Long.MIN_VALUE;
        for (int i = 0; i < 12; i++) {
            long end = i == 11 ? Long.MAX_VALUE : i;
            entries.add(new ReplicaMap.Entry(new TokenRange(start, end), List.of(A, new UUID(1, i))));
            start = end;
        }

        List<TargetGroups.Group> groups = TargetGroups.of(new ReplicaMap(entries), 6);

        assertThat(groups)
                .hasSize(13)
                .allSatisfy(group -> assertThat(group.nodes()).hasSize(1));
        assertThat(groups).contains(new TargetGroups.Group(List.of(A), TokenRanges.FULL));
    }
}
