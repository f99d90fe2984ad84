package dev.hindsight.http;

import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listening socket and its threads. Memory is bounded: threads, connection buffers and stream buffers all are. */
public final class HttpListener implements AutoCloseable {
    private static final long POOL_BYTES = 16L << 20;
    private static final long SHUTDOWN_IDLE_MILLIS = 100;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final ListenAddress address;
    private final String configuredBy;
    private final Server server;
    private final ServerConnector connector;

    /**
     * @param configuredBy for messages: {@code 'listen' of agent.yaml}
     * @param threads at most
     * @param idle how long a connection may be silent
     * @param handler answers every request
     * @param refusals writes the body of what Jetty itself refuses: malformed requests
     */
    public HttpListener(
            ListenAddress address,
            String configuredBy,
            int threads,
            Duration idle,
            Handler handler,
            Request.Handler refusals) {
        this.address = address;
        this.configuredBy = configuredBy;
        QueuedThreadPool pool = new QueuedThreadPool(threads, 4);
        pool.setName("http");
        server = new Server(pool, null, new ArrayByteBufferPool(0, 4096, 65_536, 64, POOL_BYTES, POOL_BYTES));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // 'hindsight doctor' compares the clocks of all machines by it.
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(8192);
        http.setOutputBufferSize(32_768);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        if (address.tls().isPresent()) {
            http.addCustomizer(new SecureRequestCustomizer(false));
            SslConnectionFactory tls =
                    new SslConnectionFactory(ServerTls.factory(address.tls().get(), configuredBy), plain.getProtocol());
            connector = new ServerConnector(server, 1, 1, tls, plain);
        } else {
            connector = new ServerConnector(server, 1, 1, plain);
        }
        connector.setHost(address.host());
        connector.setPort(address.port());
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptQueueSize(128);
        connector.setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
        server.addConnector(connector);
        server.setHandler(handler);
        server.setErrorHandler(refusals);
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
                    "cannot listen on " + address.host() + ":" + address.port() + ": " + e.getMessage(),
                    "choose a free address in " + configuredBy,
                    e);
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server does not start", e);
        }
    }

    /** The one that was taken. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Waits until it is closed. */
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
