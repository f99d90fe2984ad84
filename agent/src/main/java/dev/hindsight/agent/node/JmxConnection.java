package dev.hindsight.agent.node;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.UnauthorisedException;
import java.io.IOException;
import java.rmi.UnmarshalException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JMX connection that comes back by itself after the node was restarted, and gives up on a node that hangs: remote
 * calls run on own threads (at most {@value #THREADS}), and the caller waits for a limited time. Safe for several threads.
 */
final class JmxConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JmxConnection.class);
    private static final int THREADS = 16;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    /** A node that hangs is left alone for so long, so that callers do not queue up behind it. */
    private static final Duration HANGING_PAUSE = Duration.ofSeconds(10);

    /** One remote call. */
    interface Call<T> {
        T on(MBeanServerConnection node) throws Exception;
    }

    /** What is known when the node stops answering in the middle. */
    enum Kind {
        READ,
        CHANGE
    }

    private final AgentConfig.Cassandra config;
    private final ExecutorService threads;
    private @Nullable JMXConnector connector;
    private @Nullable String hanging;
    private long hangingSince;

    JmxConnection(AgentConfig.Cassandra config) {
        this.config = config;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(0, THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "jmx-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    String address() {
        return config.jmxHost() + ":" + config.jmxPort();
    }

    /**
     * Runs a call, for a read once more on a new connection when the old one has broken.
     *
     * @throws ExecutionException with what the node itself threw
     */
    <T> T call(String what, Kind kind, Duration limit, Call<T> call) throws ExecutionException {
        MBeanServerConnection first = connected();
        try {
            return within(what, kind, limit, () -> call.on(first));
        } catch (ExecutionException e) {
            if (!isBroken(e.getCause())) {
                throw e;
            }
            drop();
            if (kind == Kind.CHANGE) {
                throw unknown(what, e.getCause());
            }
        }
        MBeanServerConnection second = connected();
        try {
            return within(what, kind, limit, () -> call.on(second));
        } catch (ExecutionException e) {
            if (!isBroken(e.getCause())) {
                throw e;
            }
            drop();
            throw unreachable("JMX of the node at " + address() + " broke off during " + what, e.getCause());
        }
    }

    /** Connects where needed and proves that the connection works, so that a change is never sent into a dead one. */
    private synchronized MBeanServerConnection connected() {
        JMXConnector existing = connector;
        if (existing != null) {
            try {
                MBeanServerConnection node = existing.getMBeanServerConnection();
                within("a sign of life", Kind.READ, CONNECT_LIMIT, node::getMBeanCount);
                return node;
            } catch (ExecutionException | IOException | ClusterUnreachableException e) {
                LOG.debug("jmx connection lost address={} cause={}", address(), String.valueOf(e));
                drop();
            }
        }
        String before = hanging;
        if (before != null && System.nanoTime() - hangingSince < HANGING_PAUSE.toNanos()) {
            throw unreachable(before, null);
        }
        hanging = null;
        try {
            JMXConnector fresh = within("connecting", Kind.READ, CONNECT_LIMIT, this::connect);
            connector = fresh;
            LOG.info("node connected jmx={}", address());
            return fresh.getMBeanServerConnection();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SecurityException) {
                throw new UnauthorisedException(
                        "JMX of the node at " + address() + " refuses the credentials",
                        "check 'cassandra.jmx-user' and its password reference in agent.yaml",
                        e.getCause());
            }
            throw unreachable("JMX of the node at " + address() + " does not answer: " + root(e), e.getCause());
        } catch (IOException e) {
            drop();
            throw unreachable("JMX of the node at " + address() + " does not answer: " + root(e), e);
        }
    }

    /** The address is the operator's own configuration, the peer the node that this agent guards. */
    @SuppressWarnings("BanJNDI")
    private JMXConnector connect() throws IOException {
        Map<String, Object> environment = new HashMap<>();
        config.credentials()
                .ifPresent(credentials -> environment.put(
                        JMXConnector.CREDENTIALS, new String[] {credentials.user(), credentials.password()}));
        String host = config.jmxHost().contains(":") ? "[" + config.jmxHost() + "]" : config.jmxHost();
        return JMXConnectorFactory.connect(
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://" + host + ":" + config.jmxPort() + "/jmxrmi"),
                environment);
    }

    private <T> T within(String what, Kind kind, Duration limit, java.util.concurrent.Callable<T> task)
            throws ExecutionException {
        Future<T> future;
        try {
            future = threads.submit(task);
        } catch (RejectedExecutionException e) {
            throw new ClusterUnreachableException(
                    "the node at " + address() + " already has " + THREADS + " calls unanswered, " + what
                            + " was not tried",
                    "see whether the node hangs",
                    e);
        }
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            drop();
            noteHanging(what, limit);
            if (kind == Kind.CHANGE) {
                throw unknown(what + " (no answer for " + limit.toSeconds() + " s)", e);
            }
            throw unreachable(
                    "JMX of the node at " + address() + " gave no answer to " + what + " for " + limit.toSeconds()
                            + " s",
                    e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw kind == Kind.CHANGE
                    ? unknown(what, e)
                    : new NotAppliedException("interrupted during " + what, "start again", e);
        }
    }

    private synchronized void noteHanging(String what, Duration limit) {
        hanging = "JMX of the node at " + address() + " gave no answer to " + what + " for " + limit.toSeconds() + " s";
        hangingSince = System.nanoTime();
    }

    /** An I/O error of the connection, as opposed to one that the node's own code threw (which JMX wraps). */
    private static boolean isBroken(@Nullable Throwable cause) {
        return cause instanceof IOException && !isForeignException(cause);
    }

    /** The node answered with an exception of a class of its own. */
    static boolean isForeignException(@Nullable Throwable cause) {
        return cause instanceof UnmarshalException && cause.getCause() instanceof ClassNotFoundException;
    }

    private HindsightException unknown(String what, @Nullable Throwable cause) {
        return new OutcomeUnknownException(
                "the node at " + address() + " stopped answering during " + what + ": " + root(cause),
                "look at the node and its log, then do it again",
                cause);
    }

    private static ClusterUnreachableException unreachable(String message, @Nullable Throwable cause) {
        return new ClusterUnreachableException(message, "start the node, or correct 'cassandra' in agent.yaml", cause);
    }

    private static String root(@Nullable Throwable e) {
        Throwable at = e;
        while (at != null && at.getCause() != null) {
            at = at.getCause();
        }
        return String.valueOf(at);
    }

    private synchronized void drop() {
        JMXConnector old = connector;
        connector = null;
        if (old == null) {
            return;
        }
        try {
            threads.execute(() -> {
                try {
                    old.close();
                } catch (IOException e) {
                    LOG.debug("closing a broken jmx connection failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("jmx connection left to its own end, all threads wait for the node", e);
        }
    }

    @Override
    public void close() {
        drop();
        threads.shutdown();
    }
}
