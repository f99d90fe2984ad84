package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.store.DirectoryStore;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents are told what the catalogue says, whoever else changes it meanwhile. */
class CaptureScopesTest {
    private static final String CLUSTER = "prod";

    @TempDir
    private Path directory;

    private Repository repository;
    private CaptureScopes scopes;

    @BeforeEach
    void open() {
        DirectoryStore store = DirectoryStore.create(directory.resolve("store"));
        Repository.init(store, Clock.systemUTC());
        repository = Repository.open(store);
        scopes = new CaptureScopes(repository, CLUSTER, Duration.ofMillis(600));
    }

    private static Protection table(String cluster, String keyspace) {
        return new Protection(
                cluster,
                new TableName(keyspace, "t"),
                UUID.nameUUIDFromBytes(keyspace.getBytes(StandardCharsets.UTF_8)));
    }

    private void append(Change change) {
        repository.catalogue().append(change, new Author(repository.catalogue().nextEpoch(), "test", Instant.EPOCH));
    }

    private void protect(String cluster, String keyspace) {
        append(new Change.Protect(table(cluster, keyspace), ""));
    }

    private void unprotect(String keyspace) {
        append(new Change.Unprotect(table(CLUSTER, keyspace), ""));
    }

    /** What an agent does of its own, and what it was told, in order. */
    private static final class Agent {
        private final String name;
        private final List<Set<String>> told = new ArrayList<>();
        private State state = State.RUNNING;
        private Set<String> wanted;
        private boolean inForce = true;
        private boolean away;
        private Runnable then = () -> {};

        private Agent(String name, String... wanted) {
            this.name = name;
            this.wanted = Set.of(wanted);
        }

        private AgentClient client() {
            return (AgentClient) Proxy.newProxyInstance(
                    AgentClient.class.getClassLoader(),
                    new Class<?>[] {AgentClient.class},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "address" -> name;
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
    }

    private static List<AgentClient> clients(Agent... agents) {
        return List.of(agents).stream().map(Agent::client).toList();
    }

    @Test
    void onlyAgentsThatCaptureLessAreToldAndTheyKeepWhatElseTheyCapture() {
        protect(CLUSTER, "one");
        protect(CLUSTER, "two");
        protect("elsewhere", "three");
        Agent whole = new Agent("whole", "one", "two", "beside");
        Agent fresh = new Agent("fresh");
        Agent half = new Agent("half", "two", "beside");

        List<String> notes = scopes.complete(clients(whole, fresh, half));

        assertThat(whole.told).isEmpty();
        assertThat(fresh.told).containsExactly(Set.of("one", "two"));
        assertThat(half.told).containsExactly(Set.of("beside", "one", "two"));
        assertThat(notes)
                .containsExactly(
                        "agent fresh is to capture keyspaces [one, two] too, and does",
                        "agent half is to capture keyspaces [one] too, and does");
        assertThat(scopes.complete(clients(whole, fresh, half))).isEmpty();
    }

    @Test
    void whatCannotBeIsSaidAndKeepsNobodyElse() {
        protect(CLUSTER, "one");
        Agent away = new Agent("away");
        away.away = true;
        Agent plain = new Agent("plain");
        plain.state = State.NOT_CONFIGURED;
        Agent full = new Agent("full");
        full.inForce = false;
        Agent fresh = new Agent("fresh");

        List<String> notes = scopes.complete(clients(away, plain, full, fresh));

        assertThat(plain.told).isEmpty();
        assertThat(fresh.told).hasSize(1);
        assertThat(notes).hasSize(4);
        assertThat(notes.get(0)).contains("agent away may not capture", "does not answer");
        assertThat(notes.get(1)).contains("agent plain captures nothing", "no section 'capture'");
        assertThat(notes.get(2)).contains("agent full", "and does not: capture is RUNNING after", "no room");
        assertThat(notes.get(3)).contains("agent fresh", "and does");
    }

    @Test
    void aTableThatIsProtectedWhileAnotherOneIsUnprotectedStaysCaptured() {
        protect(CLUSTER, "one");
        unprotect("one");
        Agent agent = new Agent("agent", "one", "two");
        agent.then = () -> protect(CLUSTER, "two");

        scopes.reduce(clients(agent));

        assertThat(agent.told).containsExactly(Set.of(), Set.of("two"));
    }

    @Test
    void whatIsUnprotectedWhileAgentsAreToldIsTakenAwayAgain() {
        protect(CLUSTER, "one");
        protect(CLUSTER, "two");
        Agent agent = new Agent("agent", "beside");
        agent.then = () -> unprotect("one");

        scopes.complete(clients(agent));

        assertThat(agent.wanted).containsExactly("beside", "two");
    }

    @Test
    void nothingIsCapturedOnceNothingIsProtected() {
        protect(CLUSTER, "one");
        protect("elsewhere", "two");
        unprotect("one");
        Agent agent = new Agent("agent", "one");

        scopes.reduce(clients(agent));

        assertThat(agent.told).containsExactly(Set.of());
    }
}
