package dev.hindsight.testkit.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy on 127.0.0.1 that makes the network bad on demand, between a client and an agent or an S3 server.
 *
 * <p>Faults hold for open connections and new ones until {@link #heal()}. "Answers" flow from the target to the client;
 * byte counts are per connection and of answers. Two daemon threads per connection. Safe for several threads.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 8192;

    private enum End {
        NONE,
        CLOSE,
        RESET
    }

    private final InetSocketAddress target;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong answered = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private boolean refusing;
    private boolean stalled;
    private Duration latency = Duration.ZERO;
    private long bytesPerSecond = Long.MAX_VALUE;
    private long endAfterBytes = Long.MAX_VALUE;
    private End end = End.NONE;

    private FaultProxy(InetSocketAddress target, ServerSocket server) {
        this.target = target;
        this.server = server;
    }

    /** Starts to listen on a free port. */
    public static FaultProxy to(String host, int port) {
        try {
            ServerSocket server = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
            FaultProxy proxy = new FaultProxy(new InetSocketAddress(host, port), server);
            proxy.daemon(proxy::accept, "accept");
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Every piece of an answer waits this long. */
    public FaultProxy latency(Duration delay) {
        return change(() -> latency = delay);
    }

    /** Answers of one connection come no faster. */
    public FaultProxy bandwidth(long perSecond) {
        return change(() -> bytesPerSecond = perSecond);
    }

    /** Each connection ends in good order once this many bytes of answers have gone through it. */
    public FaultProxy cutAfter(long bytes) {
        return change(() -> {
            endAfterBytes = bytes;
            end = End.CLOSE;
        });
    }

    /** As {@link #cutAfter}, but the client gets a reset. */
    public FaultProxy resetAfter(long bytes) {
        return change(() -> {
            endAfterBytes = bytes;
            end = End.RESET;
        });
    }

    /** Nothing flows in either direction; connections stay open. */
    public FaultProxy stall() {
        return change(() -> stalled = true);
    }

    /** New connections are reset at once. */
    public FaultProxy refuse() {
        return change(() -> refusing = true);
    }

    /** No more faults; connections that were cut stay so. */
    public FaultProxy heal() {
        return change(() -> {
            refusing = false;
            stalled = false;
            latency = Duration.ZERO;
            bytesPerSecond = Long.MAX_VALUE;
            endAfterBytes = Long.MAX_VALUE;
            end = End.NONE;
        });
    }

    /** Resets all open connections now. */
    public void resetAll() {
        open.forEach(FaultProxy::reset);
    }

    /** Connections accepted since the start. */
    public int connections() {
        return accepted.get();
    }

    /** Bytes of answers passed on since the start. */
    public long answeredBytes() {
        return answered.get();
    }

    private FaultProxy change(Runnable settings) {
        lock.lock();
        try {
            settings.run();
            changed.signalAll();
            return this;
        } finally {
            lock.unlock();
        }
    }

    private void daemon(Runnable work, String what) {
        Thread thread = new Thread(work, "fault-proxy-" + port() + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                accepted.incrementAndGet();
                if (isRefusing()) {
                    reset(client);
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // Closed, or this one client went away; the next accept tells which.
                continue;
            }
        }
    }

    private boolean isRefusing() {
        lock.lock();
        try {
            return refusing;
        } finally {
            lock.unlock();
        }
    }

    private void connect(Socket client) {
        Socket upstream = new Socket();
        open.add(client);
        open.add(upstream);
        try {
            upstream.connect(target, 10_000);
        } catch (IOException e) {
            reset(client);
            drop(upstream);
            return;
        }
        daemon(() -> pump(client, upstream, false), "ask");
        daemon(() -> pump(upstream, client, true), "answer");
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[BUFFER_BYTES];
        long passed = 0;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                awaitFlow();
                if (!answers) {
                    out.write(buffer, 0, n);
                    continue;
                }
                delay(n);
                int allowed = (int) Math.min(n, Math.max(0, limit() - passed));
                out.write(buffer, 0, allowed);
                passed += allowed;
                answered.addAndGet(allowed);
                if (allowed < n || passed >= limit()) {
                    finish(from, to);
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            drop(from);
            drop(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (answers) {
                drop(from);
                drop(to);
            }
        }
    }

    private long limit() {
        lock.lock();
        try {
            return end == End.NONE ? Long.MAX_VALUE : endAfterBytes;
        } finally {
            lock.unlock();
        }
    }

    private void finish(Socket upstream, Socket client) {
        boolean hard;
        lock.lock();
        try {
            hard = end == End.RESET;
        } finally {
            lock.unlock();
        }
        drop(upstream);
        if (hard) {
            reset(client);
        } else {
            drop(client);
        }
    }

    private void awaitFlow() throws InterruptedException, SocketException {
        lock.lock();
        try {
            while (stalled && !closed) {
                changed.await();
            }
            if (closed) {
                throw new SocketException("the proxy was closed");
            }
        } finally {
            lock.unlock();
        }
    }

    private void delay(int bytes) throws InterruptedException {
        lock.lock();
        try {
            long nanos = latency.toNanos();
            if (bytesPerSecond != Long.MAX_VALUE) {
                nanos += TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
            }
            while (nanos > 0 && !closed) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
            return;
        }
    }

    private void drop(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
            return;
        }
    }

    /** Ends all connections and stops listening. */
    @Override
    public void close() {
        change(() -> closed = true);
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(this::drop);
    }
}
