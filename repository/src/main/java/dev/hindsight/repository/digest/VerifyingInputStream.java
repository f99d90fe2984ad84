package dev.hindsight.repository.digest;

import dev.hindsight.model.failure.CorruptException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * An object's bytes, checked while they are read: the end is only reported once size and digest are what they must be.
 *
 * <p>Whoever reads to the end (a read that returns -1) has good bytes; whoever stops earlier has unchecked ones. Closing
 * early checks nothing. One thread.
 *
 * <p>Fails with {@link CorruptException} naming the object, expected and actual.
 */
public final class VerifyingInputStream extends FilterInputStream {
    private final DigestingInputStream digesting;
    private final String object;
    private final long expectedBytes;
    private final String expectedDigest;
    private boolean checked;

    /** @param object what to name in a failure: the key, and whose it is if that is known */
    public VerifyingInputStream(InputStream in, String object, long expectedBytes, String expectedDigest) {
        this(new DigestingInputStream(in), object, expectedBytes, expectedDigest);
    }

    private VerifyingInputStream(DigestingInputStream in, String object, long expectedBytes, String expectedDigest) {
        super(in);
        this.digesting = in;
        this.object = object;
        this.expectedBytes = expectedBytes;
        this.expectedDigest = Digests.requireWellFormed(expectedDigest, object);
    }

    @Override
    public int read() throws IOException {
        int b = checked ? -1 : digesting.read();
        check(b < 0);
        return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int n = checked ? -1 : digesting.read(into, offset, length);
        check(n < 0);
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = digesting.skip(n);
        check(false);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void check(boolean atEnd) {
        if (checked || (!atEnd && digesting.sizeBytes() <= expectedBytes)) {
            return;
        }
        if (digesting.sizeBytes() != expectedBytes) {
            String more = atEnd ? "" : "more than ";
            long shown = atEnd ? digesting.sizeBytes() : expectedBytes;
            throw corrupt("size is " + more + shown + " bytes, expected " + expectedBytes);
        }
        if (!digesting.digest().equals(expectedDigest)) {
            throw corrupt("digest is " + digesting.digest() + ", expected " + expectedDigest + " (" + expectedBytes
                    + " bytes)");
        }
        checked = true;
    }

    private CorruptException corrupt(String what) {
        return new CorruptException(
                "object " + object + ": " + what,
                "run 'hindsight verify' to see all that is damaged; restore from another backup, or put the right "
                        + "bytes back from a copy of the repository");
    }
}
