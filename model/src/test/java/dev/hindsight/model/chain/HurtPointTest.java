package dev.hindsight.model.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.chain.ChainLayers.Stored;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HurtPointTest {
    private static final TableName TABLE = new TableName("shop", "orders");
    private static final TokenRanges LOW = TokenRanges.of(new TokenRange(Long.MIN_VALUE, 0));
    private static final TokenRanges HIGH = TokenRanges.of(new TokenRange(0, Long.MAX_VALUE));

    /** F, then I1 to I3 onto it, then another full G; shards F-low, F-high, ... */
    private static List<HurtPoint.Point<String>> chain() {
        List<List<Stored<String>>> levels = new ArrayList<>();
        List<HurtPoint.Point<String>> points = new ArrayList<>();
        for (String backup : List.of("F", "I1", "I2", "I3", "G")) {
            boolean incremental = backup.startsWith("I");
            levels.add(
                    0,
                    List.of(
                            new Stored<>(backup + "-low", LOW, incremental),
                            new Stored<>(backup + "-high", HIGH, incremental && !backup.equals("I3"))));
            points.add(new HurtPoint.Point<>(
                    backup, Instant.ofEpochSecond(points.size()), ChainLayers.of(List.copyOf(levels))));
        }
        return points;
    }

    private static List<HurtPoint> hurtBy(String... broken) {
        return HurtPoint.of(TABLE, chain(), Set.of(broken)::contains);
    }

    @Test
    void nothingBrokenHurtsNothing() {
        assertThat(hurtBy()).isEmpty();
    }

    @Test
    void damageHurtsEveryLaterPointUpToTheNextWholeShard() {
        assertThat(hurtBy("I1-low")).extracting(HurtPoint::backup).containsExactly("I1", "I2", "I3");
        assertThat(hurtBy("I1-high")).extracting(HurtPoint::backup).containsExactly("I1", "I2");
        assertThat(hurtBy("F-high")).extracting(HurtPoint::backup).containsExactly("F", "I1", "I2");
        assertThat(hurtBy("G-low")).extracting(HurtPoint::backup).containsExactly("G");
    }

    @Test
    void theRangesAndTheNearestGoodPointsAreNamed() {
        HurtPoint hurt = hurtBy("I2-high").get(0);

        assertThat(hurt)
                .isEqualTo(new HurtPoint(
                        TABLE, "I2", Instant.ofEpochSecond(2), HIGH, Optional.of("I1"), Optional.of("I3")));
        assertThat(hurtBy("F-low").get(0).goodBefore()).isEmpty();
        assertThat(hurtBy("F-low").get(0).goodAfter()).contains("G");
        assertThat(hurtBy("I2-low", "I2-high").get(0).ranges()).isEqualTo(TokenRanges.FULL);
        assertThat(hurtBy("G-low").get(0).goodAfter()).isEmpty();
    }

    @Test
    void aChainWithoutItsBaseIsHurtWhereNothingWholeIsLeft() {
        ChainLayers<String> broken = ChainLayers.of(List.of(List.of(new Stored<>("I1-low", LOW, true))));

        List<HurtPoint> hurt =
                HurtPoint.of(TABLE, List.of(new HurtPoint.Point<>("I1", Instant.EPOCH, broken)), any -> false);

        assertThat(hurt).extracting(HurtPoint::ranges).containsExactly(TokenRanges.FULL);
    }
}
