package dev.hindsight.agent.http;

import dev.hindsight.agent.api.ErrorDocument;
import dev.hindsight.agent.capture.Capture;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.receive.Imports;
import dev.hindsight.agent.snapshot.Snapshots;
import dev.hindsight.agent.stream.StreamGate;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listening socket and its threads. Memory is bounded: threads, connection buffers and stream buffers all are. */
public final class AgentListener implements AutoCloseable {
    private static final int THREADS_BESIDE_STREAMS = 16;
    private static final long POOL_BYTES = 16L << 20;
    private static final long SHUTDOWN_IDLE_MILLIS = 100;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final Server server;
    private final ServerConnector connector;

    public AgentListener(
            AgentConfig config,
            GuardedNode node,
            Snapshots snapshots,
            Imports imports,
            Optional<Capture> capture,
            Throttle throttle,
            Duration idle) {
        QueuedThreadPool threads = new QueuedThreadPool(config.limits().streams() + THREADS_BESIDE_STREAMS, 4);
        threads.setName("http");
        server = new Server(threads, null, new ArrayByteBufferPool(0, 4096, 65_536, 64, POOL_BYTES, POOL_BYTES));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // 'hindsight doctor' compares the clocks of all machines by it.
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(8192);
        http.setOutputBufferSize(32_768);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        if (config.listen().tls().isPresent()) {
            http.addCustomizer(new SecureRequestCustomizer(false));
            SslConnectionFactory tls = new SslConnectionFactory(
                    ServerTls.factory(config.listen().tls().get()), plain.getProtocol());
            connector = new ServerConnector(server, 1, 1, tls, plain);
        } else {
            connector = new ServerConnector(server, 1, 1, plain);
        }
        connector.setHost(config.listen().host());
        connector.setPort(config.listen().port());
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptQueueSize(128);
        connector.setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
        server.addConnector(connector);
        StreamGate gate = new StreamGate(config.limits().streams());
        server.setHandler(new AgentHandler(
                new TokenCheck(config.tokens()),
                new Routes(node, config, snapshots, imports, capture, throttle, gate)));
        server.setErrorHandler((request, response, callback) -> {
            int status = response.getStatus();
            try {
                Answers.json(
                        response,
                        status,
                        new ErrorDocument(
                                status < 500 ? "Usage" : "NotApplied",
                                "the request was refused with status " + status,
                                "use a client of this agent's version"));
                callback.succeeded();
            } catch (IOException e) {
                callback.failed(e);
            }
            return true;
        });
        server.setStopTimeout(STOP_PATIENCE.toMillis());
    }

    /**
     * @throws PreconditionFailedException the address cannot be listened on
     */
    public void start() {
        try {
            server.start();
        } catch (IOException e) {
            throw new PreconditionFailedException(
                    "cannot listen on " + connector.getHost() + ":" + connector.getPort() + ": " + e.getMessage(),
                    "choose a free address in 'listen' of agent.yaml",
                    e);
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server does not start", e);
        }
    }

    public int port() {
        return connector.getLocalPort();
    }

    public void join() throws InterruptedException {
        server.join();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server does not stop", e);
        }
    }
}
