package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.repository.document.JournalEntry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyspaceOwnersTest {
    private static final Ring RING = new Ring(
            "prod",
            Ring.MURMUR3,
            List.of(
                    new Node(new UUID(1, 1), "10.0.0.1", "dc1", "r1", List.of(-100L), "5.0.9", true),
                    new Node(new UUID(1, 2), "10.0.0.2", "dc1", "r2", List.of(100L), "5.0.9", true)));

    private final List<String> calls = new ArrayList<>();
    private final HandClock clock = new HandClock();
    private final KeyspaceOwners owners = new KeyspaceOwners(this::connect, clock);
    private String replicas = "1";
    private List<Ring> views = List.of(RING, RING);
    private boolean away;

    @Test
    void changeOfReplicasIsSeenHalfAMinuteLaterAtMostWithTheTimeAtWhichItWasSeen() {
        JournalEntry.Owners first = owners.of("shop").orElseThrow();
        replicas = "2";
        clock.advance(Duration.ofSeconds(29));
        assertThat(owners.of("shop")).contains(first);
        clock.advance(Duration.ofSeconds(1));
        JournalEntry.Owners second = owners.of("shop").orElseThrow();
        assertThat(second.digest()).isNotEqualTo(first.digest());
        assertThat(second.seenMicros() - first.seenMicros()).isEqualTo(30_000_000);
        assertThat(calls).containsExactly("connect", "look shop", "look shop");
        owners.close();
        assertThat(calls).endsWith("close");
    }

    @Test
    void keyspacesShareOneConnection() {
        owners.of("shop");
        owners.of("other");
        assertThat(calls).containsExactly("connect", "look shop", "look other");
    }

    @Test
    void clusterThatIsAwayIsTriedMoreRarelyAndSeenWhenItIsBack() {
        away = true;
        for (int i = 0; i < 10; i++) {
            assertThat(owners.of("k" + i)).isEmpty();
        }
        assertThat(calls).containsExactly("connect");
        away = false;
        clock.advance(Duration.ofMinutes(2));
        assertThat(owners.of("k1")).isPresent();
    }

    @Test
    void nodesThatDoNotAgreeAreAskedOverOneConnectionForHalfAMinute() {
        views = List.of(RING, new Ring("prod", Ring.MURMUR3, RING.nodes().subList(0, 1)));
        for (int i = 0; i < 5; i++) {
            assertThat(owners.of("k" + i)).isEmpty();
        }
        assertThat(calls).filteredOn("connect"::equals).hasSize(1);
        clock.advance(Duration.ofSeconds(30));
        assertThat(owners.of("k1")).isEmpty();
        assertThat(calls).endsWith("close");
        views = List.of(RING, RING);
        assertThat(owners.of("k2")).isPresent();
    }

    private LiveCluster connect() {
        calls.add("connect");
        if (away) {
            throw new ClusterUnreachableException("nobody answers", "look");
        }
        return (LiveCluster) Proxy.newProxyInstance(
                LiveCluster.class.getClassLoader(),
                new Class<?>[] {LiveCluster.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "ringViews" -> views;
                    case "replication" -> {
                        calls.add("look " + arguments[0]);
                        yield Optional.of(Map.of("class", "NetworkTopologyStrategy", "dc1", replicas));
                    }
                    case "logDelay" -> Optional.of(Duration.ofSeconds(10));
                    case "close" -> calls.add("close");
                    default -> throw new AssertionError(method);
                });
    }
}
