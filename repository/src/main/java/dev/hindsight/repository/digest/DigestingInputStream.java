package dev.hindsight.repository.digest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Counts and digests what is read through it. One thread. */
public final class DigestingInputStream extends FilterInputStream {
    private final MessageDigest digest = Digests.newDigest();
    private long sizeBytes;
    private @Nullable String result;

    public DigestingInputStream(InputStream in) {
        super(in);
    }

    /** Bytes read so far. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The digest of what was read so far; nothing can be read after. */
    public String digest() {
        if (result == null) {
            result = Digests.text(digest.digest());
        }
        return result;
    }

    @Override
    public int read() throws IOException {
        int b = in.read();
        if (b >= 0) {
            digest.update((byte) b);
            sizeBytes++;
        }
        return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int n = in.read(into, offset, length);
        if (n > 0) {
            digest.update(into, offset, n);
            sizeBytes += n;
        }
        return n;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        byte[] buffer = new byte[Digests.BUFFER_BYTES];
        long total = 0;
        for (int n = read(buffer, 0, buffer.length); n >= 0; n = read(buffer, 0, buffer.length)) {
            out.write(buffer, 0, n);
            total += n;
        }
        return total;
    }

    /** Reads: skipped bytes count. */
    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(n, 1), 8192)];
        long left = n;
        while (left > 0) {
            int got = read(buffer, 0, (int) Math.min(left, buffer.length));
            if (got < 0) {
                break;
            }
            left -= got;
        }
        return n - left;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
