package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RangesTest {
    private static final int SIZE = 3_000_017;

    @TempDir
    Path dir;

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final byte[] data = new byte[SIZE];
    private AgentFixture agent;
    private SnapshotFile file;

    @BeforeEach
    void start() throws Exception {
        random.nextBytes(data);
        agent = new AgentFixture(dir, 1);
        TableName table = agent.node.table("shop", "carts");
        agent.node.sstable(table, 0, "nb-1-big", data);
        agent.client().takeSnapshot(new SnapshotRequest("t1", List.of(table), Optional.empty()));
        file = new SnapshotFile("t1", "shop", agent.node.directoryName(table), 0, "nb-1-big-Data.db");
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private void check(HttpAgentClient client, int from, int length) {
        byte[] into = new byte[length + 6];
        client.read(file, from, into, 3, length);
        assertThat(Arrays.copyOfRange(into, 3, 3 + length))
                .as("bytes %d+%d, -Dtest.seed=%d", from, length, seed)
                .isEqualTo(Arrays.copyOfRange(data, from, from + length));
        assertThat(new byte[] {into[0], into[1], into[2], into[length + 3], into[length + 5]})
                .containsOnly(0);
    }

    @Test
    void everyRangeIsExact() {
        HttpAgentClient client = agent.client();
        for (int edge : new int[] {0, 1, 511, 512, 4095, 4096, 4097, 262_143, 262_144, SIZE - 4097, SIZE - 1}) {
            check(client, edge, 1);
            check(client, edge, Math.min(5000, SIZE - edge));
        }
        check(client, 0, SIZE);
        check(client, SIZE - 1, 1);
        for (int i = 0; i < 40; i++) {
            int from = random.nextInt(SIZE);
            check(client, from, 1 + random.nextInt(Math.min(600_000, SIZE - from)));
        }
        client.read(file, 5, new byte[0], 0, 0);
    }

    @Test
    void rangeOutsideTheFileIsRefused() {
        HttpAgentClient client = agent.client();
        byte[] ten = new byte[10];

        assertThatThrownBy(() -> client.read(file, SIZE - 5, ten, 0, 10))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(String.valueOf(SIZE));
        assertThatThrownBy(() -> client.read(file, SIZE, ten, 0, 1)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> client.read(file, 0, ten, 5, 10)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void clearedFileIsNotFound() {
        HttpAgentClient client = agent.client();
        client.clearSnapshot("t1");

        assertThatThrownBy(() -> client.read(file, 0, new byte[1], 0, 1)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void brokenConnectionsResumeAtTheByteReached() throws Exception {
        try (Cuts cuts = new Cuts(agent.server.port(), 12, 200_000, Long.MAX_VALUE)) {
            check(AgentFixture.client(cuts.address(), AgentFixture.ALL, AgentTrust.jvm()), 777, SIZE - 1000);

            assertThat(cuts.connections()).isEqualTo(13);
        }
    }

    @Test
    void agentThatNeverAnswersIsUnreachable() throws Exception {
        try (Cuts cuts = new Cuts(agent.server.port(), Integer.MAX_VALUE, 10, Long.MAX_VALUE)) {
            HttpAgentClient client = AgentFixture.client(cuts.address(), AgentFixture.ALL, AgentTrust.jvm());

            assertThatThrownBy(client::info).isInstanceOf(ClusterUnreachableException.class);
            assertThatThrownBy(() -> client.takeSnapshot(
                            new SnapshotRequest("t2", List.of(new TableName("shop", "carts")), Optional.empty())))
                    .isInstanceOf(dev.hindsight.model.failure.OutcomeUnknownException.class);
        }
        HttpAgentClient stopped = agent.client();
        agent.server.close();
        assertThatThrownBy(() -> stopped.takeSnapshot(
                        new SnapshotRequest("t3", List.of(new TableName("shop", "carts")), Optional.empty())))
                .isInstanceOf(ClusterUnreachableException.class);
    }

    @Test
    void moreReadersThanStreamsWaitAndGetTheirBytes() throws Exception {
        agent.restart(agent.config(AgentConfig.Import.on(), new AgentConfig.Limits(0, 1, 0), Optional.empty()));
        HttpAgentClient client = agent.client();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> readers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                int from = i * 1000;
                readers.add(() -> {
                    check(client, from, 1_000_000);
                    return null;
                });
            }
            for (Future<Void> reader : threads.invokeAll(readers)) {
                reader.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void rateLimitHoldsOverAllStreams() throws Exception {
        long rate = 2_000_000;
        agent.restart(agent.config(AgentConfig.Import.on(), new AgentConfig.Limits(rate, 4, 0), Optional.empty()));
        HttpAgentClient client = agent.client();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        long started = System.nanoTime();
        try {
            List<Callable<Void>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(() -> {
                    check(client, 0, 1_000_000);
                    return null;
                });
            }
            for (Future<Void> reader : threads.invokeAll(readers)) {
                reader.get();
            }
        } finally {
            threads.shutdownNow();
        }
        double seconds = (System.nanoTime() - started) / 1e9;

        assertThat(3_000_000 / seconds).isLessThan(rate * 1.25);
    }
}
