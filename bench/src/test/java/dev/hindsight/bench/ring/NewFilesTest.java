package dev.hindsight.bench.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NewFilesTest {
    @Test
    void copiesEachSstableOfEachReplicaOnceAndAgainWhenCompactionRewroteIt() {
        NewFiles tool = new NewFiles();

        assertThat(tool.copy(Map.of("a/oa-1-big", 10L, "b/oa-1-big", 10L))).isEqualTo(20);
        assertThat(tool.copy(Map.of("a/oa-1-big", 10L, "a/oa-2-big", 3L, "b/oa-1-big", 10L)))
                .isEqualTo(3);
        assertThat(tool.copy(Map.of("a/oa-3-big", 13L, "b/oa-1-big", 10L))).isEqualTo(13);
        assertThat(tool.copy(Map.of("a/oa-3-big", 13L, "b/oa-1-big", 10L))).isZero();
    }
}
