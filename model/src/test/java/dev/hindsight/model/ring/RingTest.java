package dev.hindsight.model.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RingTest {
    private static Node node(int number, String rack, Long... tokens) {
        return new Node(
                new UUID(0, number), "10.0.0." + number, "dc1", rack, List.of(tokens), "5.0.9", tokens.length > 0);
    }

    private static Ring ring(Node... nodes) {
        return new Ring("prod", Ring.MURMUR3, List.of(nodes));
    }

    @Test
    void aNodeWithoutTokensChangesNothingOfWhoOwnsWhat() {
        Ring two = ring(node(1, "r1", -5L), node(2, "r2", 5L));
        Ring joining = ring(node(1, "r1", -5L), node(3, "r3"), node(2, "r2", 5L));
        assertThat(two.sameOwnershipAs(joining)).isTrue();
        assertThat(joining.sameOwnershipAs(two)).isTrue();
    }

    @Test
    void tokensAndRacksDo() {
        Ring two = ring(node(1, "r1", -5L), node(2, "r2", 5L));
        assertThat(two.sameOwnershipAs(ring(node(1, "r1", -5L), node(2, "r2", 6L))))
                .isFalse();
        assertThat(two.sameOwnershipAs(ring(node(1, "r1", -5L), node(2, "r1", 5L))))
                .isFalse();
        assertThat(two.sameOwnershipAs(ring(node(1, "r1", -5L), node(3, "r2", 5L))))
                .isFalse();
    }
}
