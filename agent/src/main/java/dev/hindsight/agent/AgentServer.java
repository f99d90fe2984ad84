package dev.hindsight.agent;

import dev.hindsight.agent.capture.Capture;
import dev.hindsight.agent.capture.CaptureThreads;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.http.AgentHandler;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.JmxNodeControl;
import dev.hindsight.agent.node.NodeControl;
import dev.hindsight.agent.receive.Imports;
import dev.hindsight.agent.snapshot.Snapshots;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.http.HttpListener;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent: one node, one listening address. Starting it does not need the node to be up; a node of the wrong
 * cluster stops it from starting. Several may run in one process (tests, the demo).
 */
public final class AgentServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
    private static final Duration IDLE = Duration.ofMinutes(2);

    private final AgentConfig config;
    private final GuardedNode node;
    private final HttpListener listener;
    private final Optional<CaptureThreads> capturing;

    private AgentServer(
            AgentConfig config, GuardedNode node, HttpListener listener, Optional<CaptureThreads> capturing) {
        this.config = config;
        this.node = node;
        this.listener = listener;
        this.capturing = capturing;
    }

    /**
     * @throws dev.hindsight.model.failure.PreconditionFailedException the node is another one than configured, or the
     *     address is taken
     */
    public static AgentServer start(AgentConfig config) {
        return start(config, new JmxNodeControl(config.cassandra()), Clock.systemUTC(), Throttle.Waiting.real());
    }

    /** With another way to the node, for tests. {@code control} is closed with the agent. */
    public static AgentServer start(AgentConfig config, NodeControl control, Clock clock, Throttle.Waiting waiting) {
        return start(config, control, clock, waiting, IDLE);
    }

    static AgentServer start(
            AgentConfig config, NodeControl control, Clock clock, Throttle.Waiting waiting, Duration idle) {
        GuardedNode node = new GuardedNode(control, config);
        try {
            boolean up = node.factsIfUp().isPresent();
            Throttle throttle = new Throttle(config.limits().bytesPerSecond(), waiting);
            Snapshots snapshots = new Snapshots(node, config.limits(), throttle, clock);
            Imports imports = new Imports(node, config, throttle);
            Optional<Capture> capture = config.capture()
                    .map(wanted -> new Capture(
                            wanted, node, clock, () -> wanted.repository().open(System.getenv())));
            HttpListener listener = AgentHandler.listener(config, node, snapshots, imports, capture, throttle, idle);
            listener.start();
            AgentServer server = new AgentServer(config, node, listener, capture.map(CaptureThreads::start));
            LOG.info(
                    "agent started version={} address={} nodeUp={} imports={} bytesPerSecond={} streams={} minFreeBytes={}"
                            + " capture={}",
                    AgentVersion.TEXT,
                    server.address(),
                    up,
                    config.imports().enabled() ? "on" : "off",
                    config.limits().bytesPerSecond(),
                    config.limits().streams(),
                    config.limits().minFreeBytes(),
                    config.capture().isPresent() ? "on" : "off");
            return server;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    public int port() {
        return listener.port();
    }

    /** {@code http://host:port}, as clients write it. */
    public URI address() {
        return config.listen().at(port());
    }

    /** Waits until the agent is stopped. */
    public void join() throws InterruptedException {
        listener.join();
    }

    @Override
    public void close() {
        try {
            listener.close();
            capturing.ifPresent(CaptureThreads::close);
        } finally {
            node.close();
        }
        LOG.info("agent stopped");
    }
}
