package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.DirectoryStore;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters, {@code prod} and {@code dr}, keep to their own tables in one repository. */
class SeveralClustersTest {
    private static final TableName ORDERS = new TableName("shop", "orders");
    private static final TableName USERS = new TableName("shop", "users");

    @TempDir
    private Path directory;

    private Repository repository;

    @BeforeEach
    void open() {
        DirectoryStore store = DirectoryStore.create(directory.resolve("store"));
        Repository.init(store, Clock.systemUTC());
        repository = Repository.open(store);
    }

    private static Protection protection(String cluster, TableName table) {
        return new Protection(
                cluster, table, UUID.nameUUIDFromBytes((cluster + table).getBytes(StandardCharsets.UTF_8)));
    }

    private void protect(String cluster, TableName table) {
        append(new Change.Protect(protection(cluster, table), ""));
    }

    private void append(Change change) {
        repository.catalogue().append(change, new Author(repository.catalogue().nextEpoch(), "test", Instant.EPOCH));
    }

    private UnprotectOperation unprotection(String cluster, FakeCapture... agents) {
        return new UnprotectOperation(repository, cluster, FakeCapture.clients(agents), Clock.systemUTC());
    }

    private List<ProtectedTable> standing() {
        return ProtectedTable.standing(repository.catalogue().view());
    }

    @Test
    void nameThatIsProtectedForAnotherClusterIsRefusedBeforeAnAgentIsTold() {
        protect("prod", ORDERS);
        FakeCapture agent = new FakeCapture("agent");
        agent.cluster = "dr";

        assertThatThrownBy(() -> protectFrom("dr", agent, List.of(), tables -> {
                    throw new AssertionError("a backup of " + tables);
                }))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessage("table shop.orders is protected for cluster 'prod' in this repository, and cannot be for"
                        + " cluster 'dr' too");

        assertThat(agent.told).isEmpty();
        assertThat(standing()).extracting(ProtectedTable::cluster).containsExactly("prod");
    }

    @Test
    void protectionThatIsEndedWhileItIsBegunIsNotToldAsOne() {
        FakeCapture agent = new FakeCapture("agent");
        Node node = new Node(new UUID(0, 1), "10.0.0.1:9042", "dc1", "r1", List.of(1L), "5.0.9", true);

        assertThatThrownBy(() -> protectFrom("prod", agent, List.of(node), tables -> {
                    unprotection("prod", agent).unprotect(ORDERS);
                    return backup(node);
                }))
                .isInstanceOf(BusyException.class)
                .hasMessage("the protection of [shop.orders] was ended by 'unprotect' while it was begun");

        assertThat(standing()).isEmpty();
    }

    private static BackupReport backup(Node node) {
        return new BackupReport(
                new BackupManifest(
                        1,
                        "20261122T110000Z-ab13",
                        BackupManifest.Kind.FULL,
                        Optional.empty(),
                        BackupManifest.State.COMPLETE,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        "test",
                        new Ring("prod", Ring.MURMUR3, List.of(node)),
                        List.of(),
                        List.of(),
                        List.of(),
                        new ObjectRef("backups/x/plan.json", 10, "sha256:00"),
                        new BackupManifest.Totals(0, 0, 0, 0, 0, 0, 0, 0)),
                1,
                1,
                Optional.empty(),
                List.of(),
                0,
                0,
                0,
                OptionalInt.empty(),
                List.of());
    }

    private void protectFrom(
            String cluster, FakeCapture agent, List<Node> nodes, Function<Set<TableName>, BackupReport> base) {
        LiveCluster live = (LiveCluster) Proxy.newProxyInstance(
                LiveCluster.class.getClassLoader(),
                new Class<?>[] {LiveCluster.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "name" -> cluster;
                    case "ringViews" -> List.of(new Ring(cluster, Ring.MURMUR3, nodes));
                    case "schemaVersion" -> Optional.of(new UUID(0, 1));
                    case "schema" ->
                        List.of(new KeyspaceSchema(
                                "shop",
                                Map.of("class", "SimpleStrategy", "replication_factor", "1"),
                                true,
                                List.of(),
                                List.of(new TableFacts(ORDERS, new UUID(0, 2), 864000, false, false))));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Site site = new Site(cluster, live, FakeCapture.clients(agent));
        new ProtectOperation(
                        repository,
                        site,
                        new SealOperation(
                                repository,
                                site.agents(),
                                Optional.empty(),
                                directory.resolve("scratch"),
                                Clock.systemUTC()),
                        Clock.systemUTC(),
                        Duration.ofMillis(600),
                        ProgressListener.NONE)
                .protect(List.of(ORDERS), base);
    }

    @Test
    void ofTwoWhoProtectOneNameAtOnceTheSecondIsRefused() {
        protect("prod", ORDERS);

        assertThatThrownBy(() -> protect("dr", ORDERS)).isInstanceOf(PreconditionFailedException.class);

        protect("prod", ORDERS);
        protect("dr", USERS);
        append(new Change.Unprotect(protection("prod", ORDERS), ""));
        protect("dr", ORDERS);
        assertThat(standing()).extracting(ProtectedTable::cluster).containsOnly("dr");
    }

    @Test
    void tableOfAnotherClusterIsNotUnprotectedAndNoAgentIsTold() {
        protect("prod", ORDERS);
        protect("dr", USERS);
        FakeCapture agent = new FakeCapture("agent", "shop");
        agent.cluster = "dr";

        assertThatThrownBy(() -> unprotection("dr", agent).unprotect(ORDERS))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessage("table shop.orders is protected for cluster 'prod', and this configuration is of cluster"
                        + " 'dr'");

        assertThat(agent.told).isEmpty();
        assertThat(standing()).hasSize(2);
        unprotection("dr", agent).unprotect(USERS);
        assertThat(agent.told).containsExactly(Set.of());
        assertThat(standing()).extracting(ProtectedTable::cluster).containsExactly("prod");
        assertThatThrownBy(() -> unprotection("dr", agent).unprotect(USERS)).hasMessageContaining("not protected any");
        assertThatThrownBy(() -> unprotection("dr", agent).unprotect(new TableName("shop", "none")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void tableOfAClusterThatIsGoneCanBeUnprotected() {
        protect("prod", ORDERS);
        FakeCapture agent = new FakeCapture("agent", "shop");
        agent.away = true;

        UnprotectReport report = unprotection("prod", agent).unprotect(ORDERS);

        assertThat(report.table().standing()).isFalse();
        assertThat(report.notes()).singleElement().asString().contains("agent agent was not told to capture less");
        assertThat(standing()).isEmpty();
    }

    @Test
    void keyspaceIsTheOwnClustersBeforeItIsAnothers() {
        protect("prod", ORDERS);

        assertThat(of("dr")).containsExactly("prod");
        protect("dr", USERS);
        assertThat(of("dr")).containsExactly("dr");
        assertThat(of("prod")).containsExactly("prod");
        assertThatThrownBy(() -> of("third")).isInstanceOf(UsageException.class).hasMessageContaining("[dr, prod]");
    }

    private List<String> of(String cluster) {
        return ProtectedTable.inKeyspace(repository.catalogue().view(), cluster, "shop").stream()
                .map(ProtectedTable::cluster)
                .toList();
    }
}
