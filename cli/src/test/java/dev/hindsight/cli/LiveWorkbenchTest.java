package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.cli.live.LiveBackend;
import dev.hindsight.cli.live.LiveWorkbench;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveWorkbenchTest {
    @TempDir
    Path dir;

    private final Workbench workbench = new LiveWorkbench(Map.of(), Clock.systemUTC(), Interrupts.none());
    private HindsightConfig config;

    @BeforeEach
    void configure() throws IOException {
        int closed = closedPort();
        Files.writeString(dir.resolve("hindsight.yaml"), """
                repository: {directory: repo}
                backup: {scratch: scratch, scratch-limit: 1MiB}
                cluster:
                  name: prod
                  contact-points: ["127.0.0.1:PORT"]
                  local-datacenter: dc1
                  agents: ["http://127.0.0.1:PORT"]
                  agent-tokens: {read: {file: none}}
                """.replace("PORT", String.valueOf(closed)));
        config = HindsightConfig.load(dir.resolve("hindsight.yaml"));
    }

    @Test
    void initMakesTheRepositoryOnce() {
        Workbench.Initialised first = workbench.init(config);
        Workbench.Initialised second = workbench.init(config);

        assertThat(first.created()).isTrue();
        assertThat(second.created()).isFalse();
        assertThat(second.id()).isEqualTo(first.id());
    }

    @Test
    void readsSayWhatIsMissing() {
        assertThatThrownBy(() -> workbench.status(config)).isInstanceOf(RepositoryMissingException.class);

        workbench.init(config);

        assertThat(workbench.status(config).newest()).isEmpty();
        assertThat(workbench.backups(config).backups()).isEmpty();
        assertThatThrownBy(() -> workbench.backup(config, "latest"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("there is no backup yet");
        assertThatThrownBy(() -> workbench.backup(config, "20260101T000000Z-0000"))
                .hasMessageContaining("there is no backup '20260101T000000Z-0000'");
    }

    @Test
    void damagedManifestIsListedInItsPlaceAndHidesNothing() throws IOException {
        workbench.init(config);
        publish("20260101T000000Z-0001");
        publish("20260101T000000Z-0002");
        publish("20260101T000000Z-0003");
        Path last = dir.resolve("repo").resolve(Keys.backupManifest("20260101T000000Z-0003"));
        Files.writeString(last, "torn");
        Files.delete(dir.resolve("repo").resolve(Keys.backupManifest("20260101T000000Z-0001")));

        Workbench.BackupList list = workbench.backups(config);
        Workbench.RepositoryStatus status = workbench.status(config);

        assertThat(list.whole()).isFalse();
        assertThat(list.problems()).isEmpty();
        assertThat(list.backups()).hasSize(3);
        assertThat(list.backups().get(0).problem()).contains("0001/manifest.json is missing");
        assertThat(list.backups().get(1).manifest()).isPresent();
        assertThat(list.backups().get(2).problem()).contains("0003/manifest.json");
        assertThat(status.backups()).isEqualTo(3);
        assertThat(status.newest()).map(BackupManifest::id).contains("20260101T000000Z-0002");
        assertThat(status.problems()).singleElement().asString().contains("backup 20260101T000000Z-0003");
    }

    @Test
    void damagedCatalogueIsListedAsFarAsItCanBeRead() throws IOException {
        workbench.init(config);
        publish("20260101T000000Z-0001");
        publish("20260101T000000Z-0002");
        Files.writeString(dir.resolve("repo").resolve(Keys.catalogueEntry(1)), "torn");

        assertThat(workbench.backups(config).backups())
                .extracting(Workbench.Listed::id)
                .containsExactly("20260101T000000Z-0002");
        assertThat(workbench.backups(config).whole()).isFalse();
        assertThat(workbench.status(config).problems())
                .singleElement()
                .asString()
                .contains(Keys.catalogueEntry(1));
        assertThat(workbench.backup(config, "latest").id()).isEqualTo("20260101T000000Z-0002");
    }

    @Test
    void tableOfAnotherClusterIsReadAndNeverSealed() throws IOException {
        workbench.init(config);
        protect("elsewhere", "orders");

        WindowReport window = workbench.window(config, new TableName("shop", "orders"), Optional.empty(), true);

        assertThat(window.notes())
                .containsExactly(
                        "table shop.orders is protected for cluster 'elsewhere', and this configuration is of cluster 'prod':"
                                + " nothing was sealed, and the newest instants are those that were sealed already");
        token();
        assertThatThrownBy(() -> workbench.unprotect(config, new TableName("shop", "orders")))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("cluster 'elsewhere'");
    }

    @Test
    void tableOfAClusterThatIsGoneCanBeUnprotected() throws IOException {
        workbench.init(config);
        token();
        protect("prod", "orders");

        UnprotectReport report = workbench.unprotect(config, new TableName("shop", "orders"));

        assertThat(report.notes()).singleElement().asString().contains("was not told to capture less");
        assertThat(workbench.status(config).protections()).isEmpty();
    }

    @Test
    void serviceSeesTheTablesOfItsOwnClusterOnly() throws IOException {
        workbench.init(config);
        token();
        protect("elsewhere", "orders");
        protect("prod", "users");

        try (LiveBackend backend = new LiveBackend(config, Map.of(), Clock.systemUTC())) {
            assertThat(backend.protections())
                    .extracting(ProtectedTable::name)
                    .containsExactly(new TableName("shop", "users"));
            assertThat(backend.find(new TableName("shop", "orders")).cluster()).isEqualTo("elsewhere");
        }
        assertThat(workbench.status(config).protections()).hasSize(2);
    }

    private void token() throws IOException {
        Path file = Files.createFile(
                dir.resolve("none"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "token-of-sixteen-or-more");
    }

    private void protect(String cluster, String table) {
        Repository.open(DirectoryStore.open(dir.resolve("repo")))
                .catalogue()
                .append(
                        new Change.Protect(
                                new CatalogueEntry.Protection(cluster, new TableName("shop", table), UUID.randomUUID()),
                                ""),
                        new Author(1, "test", Instant.EPOCH));
    }

    private void publish(String id) {
        Repository repository = Repository.open(DirectoryStore.open(dir.resolve("repo")));
        repository.publish(Samples.manifest(id, BackupManifest.State.COMPLETE), new Author(1, "test", Instant.EPOCH));
    }

    @Test
    void doctorNamesEverythingThatIsWrongAndLeavesNoProbe() throws IOException {
        List<Finding> before = workbench.examine(config);
        workbench.init(config);
        List<Finding> after = workbench.examine(config);

        assertThat(levelOf(before, "repository")).isEqualTo(Finding.Level.FAIL);
        assertThat(levelOf(after, "repository")).isEqualTo(Finding.Level.OK);
        assertThat(levelOf(after, "backup.scratch")).isEqualTo(Finding.Level.OK);
        assertThat(levelOf(after, "driver")).isEqualTo(Finding.Level.FAIL);
        assertThat(levelOf(after, "agent-tokens")).isEqualTo(Finding.Level.FAIL);
        assertThat(after)
                .filteredOn(one -> one.level() == Finding.Level.FAIL)
                .allSatisfy(one -> assertThat(one.next()).isNotEmpty());
        try (var files = Files.walk(dir.resolve("repo"))) {
            assertThat(files.filter(Files::isRegularFile).map(Path::getFileName).map(Path::toString))
                    .containsExactly("repository.json");
        }
    }

    @Test
    void doctorWarnsOfARepositoryThatEverybodyCanRead() throws IOException {
        workbench.init(config);
        Files.setPosixFilePermissions(dir.resolve("repo"), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(levelOf(workbench.examine(config), "repository")).isEqualTo(Finding.Level.OK);

        Files.setPosixFilePermissions(
                dir.resolve("repo").resolve(Keys.REPOSITORY), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(levelOf(workbench.examine(config), "repository")).isEqualTo(Finding.Level.WARN);
    }

    private static Finding.Level levelOf(List<Finding> findings, String check) {
        return findings.stream()
                .filter(one -> one.check().equals(check))
                .findFirst()
                .orElseThrow()
                .level();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
