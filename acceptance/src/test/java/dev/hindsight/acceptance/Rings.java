package dev.hindsight.acceptance;

import dev.hindsight.agent.AgentMain;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One 3-node source and one 2-node target for the whole build, started when first asked for and ended with the JVM. A
 * keyspace per test; whoever stops a node starts it again.
 */
final class Rings {
    private static final System.Logger LOG = System.getLogger(Rings.class.getName());
    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    /** The agent as a program of its own, as its small distribution starts it. */
    static final RingWithAgents.Program AGENT = RingWithAgents.Program.shortLived(AgentMain.class.getName());

    private static @Nullable RingWithAgents source;
    private static @Nullable RingWithAgents target;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Rings::closeAll, "end-rings"));
    }

    private Rings() {}

    /** Three nodes in three racks, big SSTables, two data directories each, hints off so that replicas stay different. */
    static synchronized RingWithAgents source() {
        if (source == null) {
            source = start(
                    "source",
                    CassandraRing.builder()
                            .nodes(3)
                            .racks("r1", "r2", "r3")
                            .evenTokens(4)
                            .dataDirectories(2)
                            .withoutHintedHandoff()
                            .yaml("materialized_views_enabled: true")
                            .yaml("user_defined_functions_enabled: true")
                            .yaml("range_request_timeout: 60s")
                            .yaml("read_request_timeout: 60s")
                            .yaml("write_request_timeout: 30s")
                            .start());
        }
        return source;
    }

    /** Two nodes, other tokens, bti SSTables. */
    static synchronized RingWithAgents target() {
        if (target == null) {
            target = start(
                    "target",
                    CassandraRing.builder()
                            .nodes(2)
                            .randomTokens(5, 7)
                            .sstableFormat("bti")
                            .withCommitLogBatch()
                            .yaml("materialized_views_enabled: true")
                            .yaml("user_defined_functions_enabled: true")
                            .yaml("range_request_timeout: 60s")
                            .yaml("read_request_timeout: 60s")
                            .start());
        }
        return target;
    }

    /** The command over the repository that the source's agents capture into. */
    static Hindsight journal(Path directory) {
        Hindsight made = new Hindsight(
                directory,
                "repository: {directory: \"" + source().captureRepository() + "\"}\n",
                source(),
                Map.of(),
                "  workers: 1\n");
        made.run("init").expect(0);
        return made;
    }

    private static RingWithAgents start(String name, CassandraRing ring) {
        OPEN.add(ring);
        RingWithAgents made = RingWithAgents.start(ring, temporary(name), AGENT);
        OPEN.add(made);
        return made;
    }

    static Path temporary(String name) {
        try {
            Path made = Files.createTempDirectory("hindsight-" + name);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized void closeAll() {
        for (int i = OPEN.size() - 1; i >= 0; i--) {
            try {
                OPEN.get(i).close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.ERROR, "cannot end " + OPEN.get(i), e);
            }
        }
    }
}
