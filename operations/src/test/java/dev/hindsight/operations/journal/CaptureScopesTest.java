package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
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

    @Test
    void onlyAgentsThatCaptureLessAreToldAndTheyKeepWhatElseTheyCapture() {
        protect(CLUSTER, "one");
        protect(CLUSTER, "two");
        protect("elsewhere", "three");
        FakeCapture whole = new FakeCapture("whole", "one", "two", "beside");
        FakeCapture fresh = new FakeCapture("fresh");
        FakeCapture half = new FakeCapture("half", "two", "beside");

        List<String> notes = scopes.complete(FakeCapture.clients(whole, fresh, half));

        assertThat(whole.told).isEmpty();
        assertThat(fresh.told).containsExactly(Set.of("one", "two"));
        assertThat(half.told).containsExactly(Set.of("beside", "one", "two"));
        assertThat(notes)
                .containsExactly(
                        "agent fresh is to capture keyspaces [one, two] too, and does",
                        "agent half is to capture keyspaces [one] too, and does");
        assertThat(scopes.complete(FakeCapture.clients(whole, fresh, half))).isEmpty();
    }

    @Test
    void whatCannotBeIsSaidAndKeepsNobodyElse() {
        protect(CLUSTER, "one");
        FakeCapture away = new FakeCapture("away");
        away.away = true;
        FakeCapture plain = new FakeCapture("plain");
        plain.state = State.NOT_CONFIGURED;
        FakeCapture full = new FakeCapture("full");
        full.inForce = false;
        FakeCapture fresh = new FakeCapture("fresh");

        List<String> notes = scopes.complete(FakeCapture.clients(away, plain, full, fresh));

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
        FakeCapture agent = new FakeCapture("agent", "one", "two");
        agent.then = () -> protect(CLUSTER, "two");

        scopes.reduce(FakeCapture.clients(agent));

        assertThat(agent.told).containsExactly(Set.of(), Set.of("two"));
    }

    @Test
    void whatIsUnprotectedWhileAgentsAreToldIsTakenAwayAgain() {
        protect(CLUSTER, "one");
        protect(CLUSTER, "two");
        FakeCapture agent = new FakeCapture("agent", "beside");
        agent.then = () -> unprotect("one");

        scopes.complete(FakeCapture.clients(agent));

        assertThat(agent.wanted).containsExactly("beside", "two");
    }

    @Test
    void nothingIsCapturedOnceNothingIsProtected() {
        protect(CLUSTER, "one");
        protect("elsewhere", "two");
        unprotect("one");
        FakeCapture agent = new FakeCapture("agent", "one");

        assertThat(scopes.reduce(FakeCapture.clients(agent))).isEmpty();

        assertThat(agent.told).containsExactly(Set.of());
    }

    @Test
    void whoCannotBeToldIsNamedAndAnAgentOfAnotherClusterIsNotTold() {
        FakeCapture agent = new FakeCapture("agent", "one");
        FakeCapture away = new FakeCapture("away", "one");
        away.away = true;
        FakeCapture elsewhere = new FakeCapture("elsewhere", "one");
        elsewhere.cluster = "elsewhere";

        List<String> notes = scopes.reduce(FakeCapture.clients(agent, away, elsewhere));

        assertThat(agent.told).containsExactly(Set.of());
        assertThat(elsewhere.told).isEmpty();
        assertThat(notes)
                .containsExactly(
                        "agent away was not told to capture less: agent away does not answer",
                        "agent elsewhere was not told to capture less: it belongs to cluster 'elsewhere', not to 'prod'");
    }
}
