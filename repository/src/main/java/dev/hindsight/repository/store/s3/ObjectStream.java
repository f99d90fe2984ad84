package dev.hindsight.repository.store.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * An object from its first byte to its last, over as many connections as it takes: when one breaks, the rest is asked
 * for on another, of the same version of the object. Gives up after a number of breaks in a row without a byte between.
 * One thread.
 */
final class ObjectStream extends InputStream {
    /** Up to here it is cheaper to read the rest than to open another connection later. */
    private static final long DRAIN_BYTES = 64 * 1024;

    private final S3Calls calls;
    private final String what;
    private final GetObjectRequest request;
    private final long sizeBytes;
    private final String version;
    private @Nullable ResponseInputStream<GetObjectResponse> in;
    private long position;
    private int breaks;

    private ObjectStream(
            S3Calls calls, String what, GetObjectRequest request, ResponseInputStream<GetObjectResponse> in) {
        this.calls = calls;
        this.what = what;
        this.request = request;
        this.in = in;
        this.sizeBytes = S3Failures.requirePresent(in.response().contentLength(), "Content-Length");
        this.version = Optional.ofNullable(in.response().eTag()).orElse("");
    }

    /** Throws what the SDK throws. */
    static ObjectStream open(S3Calls calls, String what, GetObjectRequest request) {
        return new ObjectStream(
                calls,
                what,
                request,
                calls.repeatable(what, () -> calls.client().getObject(request)));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        while (position < sizeBytes) {
            try {
                int n = connection().read(into, offset, (int) Math.min(length, sizeBytes - position));
                if (n < 0) {
                    throw new EOFException("the answer ended at byte " + position + " of " + sizeBytes);
                }
                position += n;
                breaks = 0;
                return n;
            } catch (IOException | SdkException e) {
                broken(e);
            }
        }
        return -1;
    }

    private ResponseInputStream<GetObjectResponse> connection() throws IOException {
        if (in == null) {
            in = reopen();
        }
        return in;
    }

    private ResponseInputStream<GetObjectResponse> reopen() throws IOException {
        GetObjectRequest.Builder rest = request.toBuilder().range("bytes=" + position + "-");
        if (!version.isEmpty()) {
            rest.ifMatch(version);
        }
        ResponseInputStream<GetObjectResponse> opened;
        try {
            opened = calls.repeatable(what, () -> calls.client().getObject(rest.build()));
        } catch (SdkException e) {
            throw new Lost(what + ": the rest from byte " + position + " on is refused: " + S3Failures.reason(e), e);
        }
        if (!S3Store.isRange(opened.response(), position)) {
            opened.abort();
            throw new Lost(what + ": the server gives another range than the one from byte " + position + " on", null);
        }
        return opened;
    }

    private void broken(Exception e) throws IOException {
        if (in != null) {
            in.abort();
            in = null;
        }
        if (e instanceof Lost lost) {
            throw lost;
        }
        breaks++;
        if (breaks >= calls.settings().attempts() || Thread.currentThread().isInterrupted()) {
            throw new IOException(
                    what + " breaks off at byte " + position + " of " + sizeBytes + ": " + S3Failures.reason(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        ResponseInputStream<GetObjectResponse> last = in;
        in = null;
        if (last == null) {
            return;
        }
        if (sizeBytes - position > DRAIN_BYTES) {
            last.abort();
        } else {
            last.close();
        }
        position = sizeBytes;
    }

    /** No use in asking again. */
    private static final class Lost extends IOException {
        private static final long serialVersionUID = 1L;

        Lost(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
