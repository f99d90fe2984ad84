package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.ImportResult;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.TableName;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportsOverHttpTest {
    @TempDir
    Path dir;

    private AgentFixture agent;
    private HttpAgentClient client;
    private TableName table;
    private ImportTarget target;

    @BeforeEach
    void start() throws Exception {
        agent = new AgentFixture(dir, 2);
        client = agent.client();
        table = agent.node.table("shop", "carts");
        target = agent.target("restore-1", table);
    }

    @AfterEach
    void stop() {
        Failpoints.disarmAll();
        agent.close();
    }

    private void stage(String descriptor, int bytes) throws Exception {
        for (Path file : agent.outgoing(descriptor, new byte[bytes])) {
            client.stage(target, file);
        }
    }

    private List<Path> stagingFiles() throws Exception {
        Path staging = dir.resolve("hindsight-staging");
        if (!Files.exists(staging)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(staging)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void stagedSSTablesAreImportedOnceAndNothingIsLeft() throws Exception {
        stage("nb-1-big", 500_000);
        stage("nb-2-big", 10);

        assertThat(client.staged(target)).hasSize(10);
        assertThat(client.importIds()).containsExactly("restore-1");
        assertThat(client.commitImport(target).importedSSTables()).isEqualTo(2);
        assertThat(client.staged(target)).isEmpty();
        assertThat(client.importIds()).isEmpty();
        client.discardImport("restore-1");
        assertThat(stagingFiles()).isEmpty();
        assertThat(client.tableSizes(List.of("shop")).get(0).sstables()).isEqualTo(2);
    }

    @Test
    void finishedImportIsRememberedAlsoByARestartedAgentUntilItIsDiscarded() throws Exception {
        assertThat(client.finishedImport(target)).isEmpty();
        stage("nb-1-big", 10);
        stage("nb-2-big", 10);
        assertThat(client.finishedImport(target)).isEmpty();

        ImportResult done = client.commitImport(target);
        agent.restart();
        client = agent.client();

        assertThat(client.finishedImport(target)).contains(done);
        assertThat(client.commitImport(target)).isEqualTo(done);
        assertThat(client.tableSizes(List.of("shop")).get(0).sstables()).isEqualTo(2);
        assertThat(client.finishedImport(agent.target("restore-2", table))).isEmpty();
        client.discardImport("restore-1");
        assertThat(client.finishedImport(target)).isEmpty();
        assertThat(stagingFiles()).isEmpty();
    }

    @Test
    void whatWasFinishedLongAgoIsForgottenWithTheNextOne() throws Exception {
        stage("nb-1-big", 10);
        client.commitImport(target);
        Path old = stagingFiles().get(0);
        for (Path up = old; !up.endsWith(".finished"); up = up.resolveSibling("")) {
            Files.setLastModifiedTime(up, FileTime.from(Instant.now().minus(Duration.ofDays(31))));
        }
        ImportTarget first = target;
        target = agent.target("restore-2", table);
        stage("nb-2-big", 10);
        client.commitImport(target);

        assertThat(client.finishedImport(first)).isEmpty();
        assertThat(client.finishedImport(target)).isPresent();
    }

    @Test
    void failedImportIsNotRememberedAsFinished() throws Exception {
        stage("nb-1-big", 10);
        agent.node.refuseImports = true;
        assertThatThrownBy(() -> client.commitImport(target)).isInstanceOf(PreconditionFailedException.class);

        assertThat(client.finishedImport(target)).isEmpty();
    }

    @Test
    void stagingIsOutsideEveryDataDirectory() throws Exception {
        stage("nb-1-big", 10);

        assertThat(stagingFiles()).isNotEmpty().noneMatch(path -> path.startsWith(agent.node.dataDirectories.get(0)));
    }

    @Test
    void stagingAgainReplaces() throws Exception {
        Path file = agent.outgoing("nb-1-big", new byte[100]).get(0);
        StagedFile before = client.stage(target, file);
        Files.write(file, new byte[] {1, 2, 3});

        StagedFile after = client.stage(target, file);

        assertThat(after.sizeBytes()).isEqualTo(3);
        assertThat(after.sha256()).isNotEqualTo(before.sha256());
        assertThat(client.staged(target)).containsExactly(after);
    }

    @Test
    void changedFileCountsAsNotStaged() throws Exception {
        stage("nb-1-big", 10);
        Path statistics = stagingFiles().stream()
                .filter(path -> path.endsWith("nb-1-big-Statistics.db")
                        && path.toString().contains("/sstables/"))
                .findFirst()
                .orElseThrow();
        Files.writeString(statistics, "changed by a failed import");

        assertThat(client.staged(target))
                .extracting(StagedFile::name)
                .hasSize(4)
                .doesNotContain("nb-1-big-Statistics.db");
    }

    @Test
    void halfAnSSTableIsNotImported() throws Exception {
        for (Path file : agent.outgoing("nb-1-big", new byte[10])) {
            if (!file.toString().endsWith("Index.db")) {
                client.stage(target, file);
            }
        }

        assertThatThrownBy(() -> client.commitImport(target))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("Index.db");
        assertThat(client.staged(target)).hasSize(4);
    }

    @Test
    void refusalOfTheNodeIsAFailureAndKeepsTheFiles() throws Exception {
        stage("nb-1-big", 10);
        agent.node.refuseImports = true;

        assertThatThrownBy(() -> client.commitImport(target))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("refused");
        agent.node.refuseImports = false;
        assertThat(client.commitImport(target).importedSSTables()).isEqualTo(1);
    }

    @Test
    void nodeKilledInTheMiddleIsRepeatedAfterIt() throws Exception {
        stage("nb-1-big", 10);
        stage("nb-2-big", 10);
        agent.node.stopInImport = true;

        assertThatThrownBy(() -> client.commitImport(target)).isInstanceOf(OutcomeUnknownException.class);
        agent.node.stopInImport = false;
        agent.node.up = true;

        assertThat(client.commitImport(target).importedSSTables()).isEqualTo(1);
        assertThat(client.tableSizes(List.of("shop")).get(0).sstables()).isEqualTo(2);
    }

    @Test
    void cutBeforeTheImportCanBeRepeated() throws Exception {
        stage("nb-1-big", 10);
        Failpoints.arm("agent.import=error");

        assertThatThrownBy(() -> client.commitImport(target)).isInstanceOf(HindsightException.class);
        assertThat(client.commitImport(target).importedSSTables()).isEqualTo(1);
    }

    @Test
    void cutWhileReceivingLeavesNothing() throws Exception {
        Failpoints.arm("agent.receive=error");
        Path file = agent.outgoing("nb-1-big", new byte[10]).get(0);

        assertThatThrownBy(() -> client.stage(target, file)).isInstanceOf(HindsightException.class);
        assertThat(client.staged(target)).isEmpty();
        assertThat(stagingFiles()).noneMatch(path -> path.toString().contains("/parts/"));
        assertThat(client.stage(target, file).sizeBytes()).isEqualTo(10);
    }

    @Test
    void whatAKilledAgentLeftHalfReceivedGoesWithTheImport() throws Exception {
        stage("nb-1-big", 10);
        Path parts = stagingFiles().stream()
                .filter(path -> path.toString().contains("/sstables/"))
                .findFirst()
                .map(path -> path.resolveSibling("../../../parts").normalize())
                .orElseThrow();
        Files.write(Files.createDirectories(parts).resolve("half"), new byte[100]);

        client.commitImport(target);

        assertThat(client.importIds()).isEmpty();
        assertThat(stagingFiles()).noneMatch(path -> path.toString().contains("restore-1/parts"));
        Files.write(Files.createDirectories(parts).resolve("half"), new byte[100]);
        assertThat(client.importIds()).containsExactly("restore-1");
        client.discardImport("restore-1");
        assertThat(stagingFiles()).isEmpty();
    }

    @Test
    void brokenUploadIsSentAgain() throws Exception {
        Path file = agent.outgoing("nb-1-big", new byte[2_000_000]).get(0);
        try (Cuts cuts = new Cuts(agent.server.port(), 2, Long.MAX_VALUE, 300_000)) {
            HttpAgentClient cutOff = AgentFixture.client(cuts.address(), AgentFixture.ALL, AgentTrust.jvm());

            assertThat(cutOff.stage(target, file).sizeBytes()).isEqualTo(2_000_000);
            assertThat(cuts.connections()).isEqualTo(3);
        }
        assertThat(client.staged(target)).hasSize(1);
    }

    @Test
    void wrongDigestIsRefusedAndNothingKept() throws Exception {
        HttpResponse<String> response = put("nb-1-big-Data.db", "0".repeat(64), new byte[1000]);

        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains("\"type\":\"Corrupt\"");
        assertThat(put("nb-1-big-Data.db", "", new byte[10]).statusCode()).isEqualTo(400);
        assertThat(put("nb-1-big-SAI+aa+x.db", "0".repeat(64), new byte[10]).statusCode())
                .isEqualTo(400);
        assertThat(put("run.sh", "0".repeat(64), new byte[10]).statusCode()).isEqualTo(400);
        assertThat(client.staged(target)).isEmpty();
        assertThat(stagingFiles()).isEmpty();
    }

    private HttpResponse<String> put(String name, String sha256, byte[] body) throws Exception {
        URI uri = agent.server
                .address()
                .resolve("/v1/imports/restore-1/shop/carts/" + target.tableId() + "/"
                        + java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", "Bearer " + AgentFixture.IMPORT)
                                .header("X-Hindsight-Sha256", sha256)
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void tableOfAnotherIdIsRefused() throws Exception {
        Path file = agent.outgoing("nb-1-big", new byte[10]).get(0);

        assertThatThrownBy(() -> client.stage(new ImportTarget("restore-1", table, UUID.randomUUID()), file))
                .isInstanceOf(NotFoundException.class);
        stage("nb-1-big", 10);
        agent.node.table("shop", "filler");
        agent.node.table("shop", "carts");
        assertThatThrownBy(() -> client.commitImport(target))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("the import is for id");
    }

    @Test
    void discardRemovesOneImportAndMayBeRepeated() throws Exception {
        stage("nb-1-big", 10);
        target = agent.target("restore-2", table);
        stage("nb-1-big", 10);

        client.discardImport("restore-1");
        client.discardImport("restore-1");
        client.discardImport("never-seen");

        assertThat(client.importIds()).containsExactly("restore-2");
        assertThat(client.staged(target)).hasSize(5);
    }

    @Test
    void moreUploadsThanStreamsAllArrive() throws Exception {
        agent.restart(agent.config(AgentConfig.Import.on(), new AgentConfig.Limits(0, 1, 0), Optional.empty()));
        HttpAgentClient one = agent.client();
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Callable<StagedFile>> uploads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                for (Path file : agent.outgoing("nb-" + i + "-big", new byte[400_000])) {
                    uploads.add(() -> one.stage(target, file));
                }
            }
            for (Future<StagedFile> upload : threads.invokeAll(uploads)) {
                upload.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(one.staged(target)).hasSize(30);
        assertThat(one.commitImport(target).importedSSTables()).isEqualTo(6);
    }

    @Test
    void importMayTakeLongerThanAnIdleConnectionMay() throws Exception {
        agent.restartWithIdle(Duration.ofMillis(300));
        client = agent.client();
        stage("nb-1-big", 10);
        agent.node.importTakes = Duration.ofMillis(1500);

        assertThat(client.commitImport(target).importedSSTables()).isEqualTo(1);
    }

    @Test
    void fullDiskRefusesBeforeTheBytesAreSent() throws Exception {
        agent.restart(agent.config(
                AgentConfig.Import.on(), new AgentConfig.Limits(0, 4, Long.MAX_VALUE / 2), Optional.empty()));
        Path file = agent.outgoing("nb-1-big", new byte[10]).get(0);

        assertThatThrownBy(() -> agent.client().stage(target, file))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("must stay free");
        assertThat(stagingFiles()).isEmpty();
    }
}
