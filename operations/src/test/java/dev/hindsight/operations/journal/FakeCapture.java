package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.model.failure.ClusterUnreachableException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What an agent does of its own, and what it was told, in order. */
final class FakeCapture {
    private final String name;
    String cluster = "prod";
    final List<Set<String>> told = new ArrayList<>();
    State state = State.RUNNING;
    Set<String> wanted;
    boolean inForce = true;
    boolean away;
    Runnable then = () -> {};

    FakeCapture(String name, String... wanted) {
        this.name = name;
        this.wanted = Set.of(wanted);
    }

    AgentClient client() {
        return (AgentClient) Proxy.newProxyInstance(
                AgentClient.class.getClassLoader(),
                new Class<?>[] {AgentClient.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "address" -> name;
                    case "info" -> info();
                    case "capture", "captureSoon" -> status();
                    case "setCapture" -> tell((Collection<?>) arguments[0]);
                    case "stopCapture" -> tell(Set.of());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private CaptureStatus tell(Collection<?> keyspaces) {
        Set<String> now = new TreeSet<>();
        keyspaces.forEach(one -> now.add((String) one));
        told.add(now);
        wanted = now;
        Runnable first = then;
        then = () -> {};
        first.run();
        return status();
    }

    private AgentInfo info() {
        status();
        return new AgentInfo(
                new UUID(0, 1),
                cluster,
                "5.0",
                "0",
                true,
                "NORMAL",
                "",
                false,
                true,
                List.of(),
                new AgentInfo.Limits(0, 1, 0),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private CaptureStatus status() {
        if (away) {
            throw new ClusterUnreachableException("agent " + name + " does not answer", "start it");
        }
        return new CaptureStatus(
                state,
                new UUID(0, 1),
                wanted,
                inForce ? wanted : Set.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                -1,
                0,
                0,
                0,
                0,
                List.of(),
                Optional.of("no room"));
    }

    static List<AgentClient> clients(FakeCapture... agents) {
        return List.of(agents).stream().map(FakeCapture::client).toList();
    }
}
