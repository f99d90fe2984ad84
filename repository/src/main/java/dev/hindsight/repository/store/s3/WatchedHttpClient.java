package dev.hindsight.repository.store.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Breaks off a request that does not move. Sockets have a timeout for reading only: a server that stops taking bytes
 * would hold a writer for ever, and a limit for the whole request would have to be hours for a large object. So each
 * piece of the body that is taken counts as progress, and without any for twice the timeout the connection is closed.
 * Safe for several threads; one daemon thread looks.
 */
final class WatchedHttpClient implements SdkHttpClient {
    private final SdkHttpClient client;
    private final long patienceNanos;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "s3-stalls");
        thread.setDaemon(true);
        return thread;
    });

    WatchedHttpClient(SdkHttpClient client, Duration timeout) {
        this.client = client;
        this.patienceNanos = timeout.multipliedBy(2).toNanos();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        Watch watch = new Watch();
        HttpExecuteRequest.Builder watched = HttpExecuteRequest.builder().request(request.httpRequest());
        request.contentStreamProvider().ifPresent(body -> watched.contentStreamProvider(watch.over(body)));
        request.metricCollector().ifPresent(watched::metricCollector);
        ExecutableHttpRequest prepared = client.prepareRequest(watched.build());
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return watch.during(prepared);
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        client.close();
    }

    private final class Watch {
        private volatile long progressNanos = System.nanoTime();
        private volatile boolean stalled;

        HttpExecuteResponse during(ExecutableHttpRequest prepared) throws IOException {
            progressNanos = System.nanoTime();
            long period = Math.max(1, patienceNanos / 8);
            ScheduledFuture<?> looking =
                    clock.scheduleAtFixedRate(() -> look(prepared), period, period, TimeUnit.NANOSECONDS);
            try {
                return prepared.call();
            } catch (IOException | RuntimeException e) {
                if (stalled) {
                    throw new IOException(
                            "nothing moved for " + TimeUnit.NANOSECONDS.toMillis(patienceNanos) + " ms", e);
                }
                throw e;
            } finally {
                looking.cancel(false);
            }
        }

        private void look(ExecutableHttpRequest prepared) {
            if (System.nanoTime() - progressNanos > patienceNanos) {
                stalled = true;
                prepared.abort();
            }
        }

        ContentStreamProvider over(ContentStreamProvider body) {
            return () -> new FilterInputStream(body.newStream()) {
                @Override
                public int read() throws IOException {
                    progressNanos = System.nanoTime();
                    return in.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    progressNanos = System.nanoTime();
                    int n = in.read(into, offset, length);
                    progressNanos = System.nanoTime();
                    return n;
                }
            };
        }
    }

    /** For messages of the SDK. */
    @Override
    public String toString() {
        return Optional.ofNullable(client.clientName()).orElse("http") + ", watched";
    }
}
