package dev.hindsight.model.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.chain.ChainLayers.Stored;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChainLayersTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);

    @Test
    void everyTokenHasTheShardsDownToTheFirstWholeOne() {
        Random random = new Random(SEED);
        for (int round = 0; round < 2_000; round++) {
            List<List<Stored<String>>> levels = levels(random);
            TokenRanges wanted = random.nextBoolean() ? TokenRanges.FULL : ranges(-15, random.nextInt(30) - 10);

            ChainLayers<String> layers = ChainLayers.of(levels, wanted);

            for (long token = -20; token <= 20; token++) {
                List<String> expected = new ArrayList<>();
                boolean broken = wanted.contains(token) && !bruteForce(levels, token, expected);
                long at = token;
                assertThat(layers.layers().stream()
                                .filter(layer -> layer.ranges().contains(at))
                                .map(ChainLayers.Layer::shard))
                        .as("seed %d, round %d: token %d of %s in %s", SEED, round, token, wanted, levels)
                        .containsExactlyElementsOf(wanted.contains(token) ? expected : List.of());
                assertThat(layers.missing().contains(token)).isEqualTo(broken);
            }
        }
    }

    @Test
    void restrictingAfterwardsIsTheSameAsBefore() {
        Random random = new Random(SEED);
        for (int round = 0; round < 500; round++) {
            List<List<Stored<String>>> levels = levels(random);
            TokenRanges wanted = ranges(random.nextInt(20) - 19, 5);

            assertThat(ChainLayers.of(levels).within(wanted)).isEqualTo(ChainLayers.of(levels, wanted));
        }
    }

    @Test
    void nothingBelowAWholeTableIsALayer() {
        ChainLayers<String> layers = ChainLayers.of(List.of(
                List.of(new Stored<>("new", TokenRanges.FULL, false)),
                List.of(new Stored<>("old", TokenRanges.FULL, false))));

        assertThat(layers.layers()).extracting(ChainLayers.Layer::shard).containsExactly("new");
        assertThat(layers.missing().isEmpty()).isTrue();
    }

    @Test
    void aBackupWithoutTheTableIsSteppedOver() {
        ChainLayers<String> layers = ChainLayers.of(List.of(
                List.of(new Stored<>("new", TokenRanges.FULL, true)),
                List.of(),
                List.of(new Stored<>("old", TokenRanges.FULL, false))));

        assertThat(layers.layers()).extracting(ChainLayers.Layer::depth).containsExactly(0, 2);
        assertThat(layers.backups()).isEqualTo(2);
    }

    @Test
    void aChainThatEndsAboveAWholeShardSaysWhere() {
        ChainLayers<String> layers = ChainLayers.of(
                List.of(List.of(new Stored<>("a", ranges(-20, 0), true), new Stored<>("b", ranges(0, 20), false))));

        assertThat(layers.missing().intersect(ranges(-20, 20))).isEqualTo(ranges(-20, 0));
    }

    /** False when no whole shard is met. */
    private static boolean bruteForce(List<List<Stored<String>>> levels, long token, List<String> out) {
        for (List<Stored<String>> level : levels) {
            for (Stored<String> stored : level) {
                if (stored.ranges().contains(token)) {
                    out.add(stored.shard());
                    if (!stored.incremental()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static List<List<Stored<String>>> levels(Random random) {
        List<List<Stored<String>>> out = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int level = 0; level < count; level++) {
            List<Stored<String>> shards = new ArrayList<>();
            int from = -20;
            while (from < 20 && random.nextInt(10) > 0) {
                int to = Math.min(20, from + 1 + random.nextInt(20));
                shards.add(new Stored<>(level + "/" + shards.size(), ranges(from, to), random.nextInt(3) > 0));
                from = to + (random.nextInt(8) == 0 ? 2 : 0);
            }
            out.add(shards);
        }
        return out;
    }

    private static TokenRanges ranges(int start, int end) {
        return start < end ? TokenRanges.of(new TokenRange(start, end)) : TokenRanges.NONE;
    }
}
