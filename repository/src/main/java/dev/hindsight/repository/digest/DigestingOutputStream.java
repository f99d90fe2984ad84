package dev.hindsight.repository.digest;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Counts and digests what is written through it. One thread. */
public final class DigestingOutputStream extends FilterOutputStream {
    private final MessageDigest digest = Digests.newDigest();
    private long sizeBytes;
    private @Nullable String result;

    public DigestingOutputStream(OutputStream out) {
        super(out);
    }

    /** Bytes written so far. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The digest of what was written so far; nothing can be written after. */
    public String digest() {
        if (result == null) {
            result = Digests.text(digest.digest());
        }
        return result;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        digest.update((byte) b);
        sizeBytes++;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        out.write(from, offset, length);
        digest.update(from, offset, length);
        sizeBytes += length;
    }
}
