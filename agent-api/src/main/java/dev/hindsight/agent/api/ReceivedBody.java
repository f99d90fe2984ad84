package dev.hindsight.agent.api;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/** Passes a body on and counts its bytes, so that a silent peer can be told from a slow one. */
final class ReceivedBody<T> implements HttpResponse.BodySubscriber<T> {
    private final HttpResponse.BodySubscriber<T> next;
    private final AtomicLong progress;

    ReceivedBody(HttpResponse.BodySubscriber<T> next, AtomicLong progress) {
        this.next = next;
        this.progress = progress;
    }

    @Override
    public CompletionStage<T> getBody() {
        return next.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        progress.incrementAndGet();
        next.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        for (ByteBuffer buffer : item) {
            progress.addAndGet(buffer.remaining());
        }
        next.onNext(item);
    }

    @Override
    public void onError(Throwable throwable) {
        next.onError(throwable);
    }

    @Override
    public void onComplete() {
        next.onComplete();
    }

    /** Writes a body straight into a caller's array; what has arrived stays there when the connection breaks. */
    static final class IntoArray implements HttpResponse.BodySubscriber<Integer> {
        private final byte[] into;
        private final int offset;
        private final int length;
        private final CompletableFuture<Integer> body = new CompletableFuture<>();
        private volatile int received;
        private volatile boolean closed;

        IntoArray(byte[] into, int offset, int length) {
            this.into = into;
            this.offset = offset;
            this.length = length;
        }

        /** Bytes that are in the array; read after {@link #stop()} or after the body is complete. */
        int received() {
            return received;
        }

        /** No byte is written into the array after this returns. */
        synchronized void stop() {
            closed = true;
        }

        @Override
        public CompletionStage<Integer> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public synchronized void onNext(List<ByteBuffer> item) {
            if (closed) {
                return;
            }
            for (ByteBuffer buffer : item) {
                int n = Math.min(buffer.remaining(), length - received);
                if (n < buffer.remaining()) {
                    body.completeExceptionally(
                            new java.io.IOException("more bytes than the " + length + " that were asked for"));
                }
                buffer.get(into, offset + received, n);
                received += n;
            }
        }

        @Override
        public void onError(Throwable throwable) {
            body.completeExceptionally(throwable);
        }

        @Override
        public void onComplete() {
            body.complete(received);
        }
    }
}
