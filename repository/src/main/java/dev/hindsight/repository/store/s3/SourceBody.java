package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.repository.store.Body;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;

/**
 * A body on its way into the SDK. A source that fails, or has other than the announced number of bytes, breaks the
 * request off before its last byte, so that the server creates nothing; what was wrong is kept, because the SDK makes
 * something else of it. One thread.
 */
final class SourceBody implements ContentStreamProvider, AutoCloseable {
    private final String key;
    private final Body body;
    private @Nullable HindsightException failure;
    private @Nullable InputStream open;

    SourceBody(String key, Body body) {
        this.key = key;
        this.body = body;
    }

    long sizeBytes() {
        return body.sizeBytes();
    }

    /** Throws what was wrong with the source, if anything was. */
    void requireSound() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public InputStream newStream() {
        close();
        try {
            InputStream stream = new Announced(body.open(), body.sizeBytes());
            open = stream;
            return stream;
        } catch (IOException e) {
            throw new UncheckedIOException(unreadable(e));
        } catch (HindsightException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void close() {
        InputStream last = open;
        open = null;
        if (last != null) {
            try {
                last.close();
            } catch (IOException e) {
                // It was read; nothing of it is needed any more.
                return;
            }
        }
    }

    private IOException unreadable(IOException e) {
        failure = new NotAppliedException(
                "object " + key + ": its source cannot be read: " + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "; nothing was stored",
                "repeat the command",
                e);
        return e;
    }

    private IOException wrongSize(String actual) {
        failure = new NotAppliedException(
                "object " + key + ": its source has " + actual + " bytes, announced were " + body.sizeBytes()
                        + "; nothing was stored",
                "the source changed while it was read: repeat the command");
        return new IOException("source has " + actual + " bytes, not " + body.sizeBytes());
    }

    private final class Announced extends InputStream {
        private final InputStream in;
        private long left;

        /** An empty body has no last byte to hold back, so it is looked at here. */
        Announced(InputStream in, long sizeBytes) throws IOException {
            this.in = in;
            this.left = sizeBytes;
            if (sizeBytes == 0) {
                requireEnd();
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            int n = readSource(into, offset, (int) Math.min(length, left));
            if (n < 0) {
                throw wrongSize(Long.toString(body.sizeBytes() - left));
            }
            left -= n;
            if (left == 0) {
                requireEnd();
            }
            return n;
        }

        private void requireEnd() throws IOException {
            if (readSource(new byte[1], 0, 1) >= 0) {
                throw wrongSize("more than " + body.sizeBytes());
            }
        }

        private int readSource(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
            } catch (IOException e) {
                throw unreadable(e);
            } catch (HindsightException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
