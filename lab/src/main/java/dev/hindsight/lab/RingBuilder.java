package dev.hindsight.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what ring to start; {@link #start()} starts it. Each method returns this builder. */
public final class RingBuilder {
    private int nodes = 1;
    private List<String> racks = List.of("r1");
    private List<String> datacenters = List.of("dc1");
    private RingShape.Tokens tokens = RingShape.Tokens.EVEN;
    private int tokensPerNode = 4;
    private long seed = 1;
    private String format = "big";
    private String compatibility = "NONE";
    private int heapMiB = 384;
    private int dataDirectories = 1;
    private boolean hintedHandoff = true;
    private boolean cdc;
    private boolean incrementalBackups;
    private boolean commitLogBatch;
    private final List<String> extraYaml = new ArrayList<>();
    private final List<String> extraJvm = new ArrayList<>();
    private Duration startTimeout = Duration.ofMinutes(4);
    private @Nullable Path directory;
    private String release = "5.0";
    private @Nullable Path lib;

    RingBuilder() {}

    /** Default 1. */
    public RingBuilder nodes(int count) {
        nodes = count;
        return this;
    }

    /** Given to the nodes in turn. Default {@code r1}. */
    public RingBuilder racks(String... names) {
        racks = List.of(names);
        return this;
    }

    /** Given to the nodes in turn. Default {@code dc1}. */
    public RingBuilder datacenters(String... names) {
        datacenters = List.of(names);
        return this;
    }

    /** The ring cut evenly, the nodes in turn. The default, with 4 tokens per node. */
    public RingBuilder evenTokens(int perNode) {
        tokens = RingShape.Tokens.EVEN;
        tokensPerNode = perNode;
        return this;
    }

    public RingBuilder randomTokens(int perNode, long seed) {
        tokens = RingShape.Tokens.RANDOM;
        tokensPerNode = perNode;
        this.seed = seed;
        return this;
    }

    /** {@code big} (the default) or {@code bti}. */
    public RingBuilder sstableFormat(String name) {
        format = name;
        return this;
    }

    /** {@code NONE} (the default: writes {@code oa} or {@code da}), {@code UPGRADING} or {@code CASSANDRA_4} ({@code nb}). */
    public RingBuilder compatibilityMode(String name) {
        compatibility = name;
        return this;
    }

    /** Default 384. */
    public RingBuilder heapMiB(int heap) {
        heapMiB = heap;
        return this;
    }

    /** Default 1. */
    public RingBuilder dataDirectories(int count) {
        dataDirectories = count;
        return this;
    }

    /** A node that was down stays behind, so that replicas differ. */
    public RingBuilder withoutHintedHandoff() {
        hintedHandoff = false;
        return this;
    }

    public RingBuilder withCdc() {
        cdc = true;
        return this;
    }

    public RingBuilder withIncrementalBackups() {
        incrementalBackups = true;
        return this;
    }

    /** A write is acknowledged only when kill -9 cannot lose it any more; else it is after half a second. */
    public RingBuilder withCommitLogBatch() {
        commitLogBatch = true;
        return this;
    }

    /** One more line of every node's cassandra.yaml. */
    public RingBuilder yaml(String line) {
        extraYaml.add(line);
        return this;
    }

    /** One more JVM flag of every node. */
    public RingBuilder jvm(String flag) {
        extraJvm.add(flag);
        return this;
    }

    /** For the whole start. Default 4 minutes. */
    public RingBuilder startTimeout(Duration timeout) {
        startTimeout = timeout;
        return this;
    }

    /** Where the nodes live. It must not exist, and is removed at the end. Default: a new temporary directory. */
    public RingBuilder directory(Path path) {
        directory = path;
        return this;
    }

    /**
     * {@code 5.0} (the default) or {@code 4.1}, which writes {@code nb} and has neither format nor compatibility mode: its
     * jars are in {@code cassandra-RELEASE/target/lib} below {@code hindsight.root}. A build with {@code -Pnightly} puts
     * those of 4.1 there.
     */
    public RingBuilder cassandra(String name) {
        release = name;
        return this;
    }

    /** A directory of stock Cassandra jars, of any release. Default: those of {@link #cassandra}. */
    public RingBuilder cassandraJars(Path path) {
        lib = path;
        return this;
    }

    /**
     * Starts the ring and returns when all nodes take CQL, see each other and agree on the schema.
     *
     * @throws dev.hindsight.model.failure.UsageException Cassandra's jars are not there
     * @throws dev.hindsight.model.failure.NotAppliedException it did not come up in time; nothing is left running
     */
    public CassandraRing start() {
        List<RingShape.Place> places = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            places.add(new RingShape.Place(datacenters.get(i % datacenters.size()), racks.get(i % racks.size())));
        }
        return CassandraRing.start(new RingShape(
                places,
                tokens,
                tokensPerNode,
                seed,
                format,
                compatibility,
                heapMiB,
                dataDirectories,
                hintedHandoff,
                cdc,
                incrementalBackups,
                commitLogBatch,
                extraYaml,
                extraJvm,
                startTimeout,
                Optional.ofNullable(directory),
                lib == null ? CassandraHome.ofProject(release) : CassandraHome.of(lib)));
    }
}
