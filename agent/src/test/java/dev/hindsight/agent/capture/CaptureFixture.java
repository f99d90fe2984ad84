package dev.hindsight.agent.capture;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.config.AgentConfig.Limits;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.LogFacts;
import dev.hindsight.agent.node.NodeControl;
import dev.hindsight.agent.node.NodeFacts;
import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.store.Access;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** A fake node with its log and data directories, a store that can be away, a clock that is told to go on, and captures. */
final class CaptureFixture implements AutoCloseable {
    static final UUID HOST = UUID.fromString("6a1f0000-0000-4000-8000-000000000001");
    static final UUID SHOP = UUID.fromString("11111111-0000-4000-8000-000000000001");
    static final UUID OTHER = UUID.fromString("22222222-0000-4000-8000-000000000001");

    /** In memory; away, or forgetful of its answers, when told. */
    static final class Store implements ObjectStore {
        final TreeMap<String, byte[]> objects = new TreeMap<>();
        boolean away;
        boolean losesAnswers;
        /** Behind each put. */
        Runnable put = () -> {};

        @Override
        public String location() {
            return "memory";
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            reached();
            PutOutcome outcome;
            try (InputStream in = body.open()) {
                outcome = objects.putIfAbsent(key, in.readAllBytes()) == null ? PutOutcome.CREATED : PutOutcome.EXISTS;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            put.run();
            if (losesAnswers) {
                throw new OutcomeUnknownException("lost", "again");
            }
            return outcome;
        }

        @Override
        public InputStream get(String key) {
            reached();
            byte[] bytes = objects.get(key);
            if (bytes == null) {
                throw new NotFoundException(key, "none");
            }
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public void read(String key, long position, byte[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public OptionalLong size(String key) {
            return objects.containsKey(key) ? OptionalLong.of(objects.get(key).length) : OptionalLong.empty();
        }

        @Override
        public List<String> list(String prefix) {
            return objects.keySet().stream()
                    .filter(key -> key.startsWith(prefix))
                    .toList();
        }

        @Override
        public void delete(String key) {
            objects.remove(key);
        }

        private void reached() {
            if (away) {
                throw new StoreUnreachableException("away", "wait");
            }
        }
    }

    /** What the node will say. */
    StreamsSeen streams = new StreamsSeen(List.of(), List.of());

    private final class Node implements NodeControl {
        @Override
        public NodeFacts facts() {
            if (!log.isUp()) {
                throw new ClusterUnreachableException("down", "wait");
            }
            return new NodeFacts(
                    HOST, "fake", "5.0.9", "NORMAL", "s", List.of(data), List.of(), List.of(), List.of(), List.of());
        }

        @Override
        public LogFacts log() {
            facts();
            return new LogFacts(log.directory, log.startedMillis());
        }

        @Override
        public StreamsSeen streams() {
            return streams;
        }

        @Override
        public List<Path> tableDirectories(TableName table) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> liveTableDirectories(String keyspace) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long memtableBytes(Collection<TableName> tables) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void takeSnapshot(String tag, Optional<Long> ttlSeconds, List<TableName> tables) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void clearSnapshot(String tag) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> importSSTables(TableName table, Set<Path> directories) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    final Path root;
    final Path data;
    final FakeLog log;
    final Store store = new Store();
    long nowMicros = 1_763_979_000_000_000L;
    /** The clock fails when it is read so many times, once. */
    int failsIn;

    long pinnedBytes = 1 << 20;
    long spoolBytes = 1 << 20;
    Capture capture;

    CaptureFixture(Path root) throws IOException {
        this(root, FakeLog.SEGMENT_BYTES);
    }

    CaptureFixture(Path root, int segmentBytes) throws IOException {
        this.root = root;
        this.data = Files.createDirectories(root.resolve("data"));
        this.log = new FakeLog(Files.createDirectories(root.resolve("commitlog")), segmentBytes);
        Files.createDirectories(data.resolve("shop/users-" + SHOP.toString().replace("-", "")));
        Files.createDirectories(data.resolve("other/t-" + OTHER.toString().replace("-", "")));
        log.start(nowMicros / 1000);
        this.capture = newAgent();
    }

    /** Of the same node and the same spool. */
    Capture newAgent() {
        AgentConfig.Capture settings = new AgentConfig.Capture(
                Optional.empty(),
                log.raw,
                new RepositoryPlace.Directory(root, Access.OWNER),
                root.resolve("spool"),
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                pinnedBytes,
                spoolBytes);
        AgentConfig config = new AgentConfig(
                        new ListenAddress("127.0.0.1", 0, Optional.empty()),
                        new AgentConfig.Cassandra("127.0.0.1", 1, Optional.empty(), Optional.empty()),
                        List.of(),
                        List.of(new BearerTokens.Token<>(AgentScope.READ, "read-token-0123456789")),
                        AgentConfig.Import.off(),
                        new Limits(0, 1, 0),
                        root.resolve("agent.state"))
                .with(settings);
        GuardedNode node = new GuardedNode(new Node(), config);
        node.factsIfUp();
        return new Capture(settings, node, clock(), () -> store);
    }

    /** From now on the node keeps segments with changes of the captured table until the agent deletes them. */
    void enableCdc() throws IOException {
        log.raw = Optional.of(Files.createDirectories(root.resolve("cdc_raw")));
        log.tracked = SHOP;
        restartAgent();
    }

    /** As after kill -9 of the agent: what was in memory is lost, and the kernel lets go of the spool. */
    void restartAgent() {
        capture.close();
        capture = newAgent();
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                if (failsIn > 0 && --failsIn == 0) {
                    throw new StackOverflowError("as told");
                }
                return Instant.EPOCH.plusNanos(nowMicros * 1000);
            }
        };
    }

    void pass(long millis) {
        nowMicros += millis * 1000;
    }

    /** Lets the agent do all there is to do, for so long. */
    void run(long millis) {
        for (long done = 0; done < millis; done += 100) {
            pass(100);
            if (done % 5000 == 0) {
                capture.ask();
            }
            capture.tick();
            capture.upload();
        }
    }

    @Override
    public void close() {
        capture.close();
    }
}
