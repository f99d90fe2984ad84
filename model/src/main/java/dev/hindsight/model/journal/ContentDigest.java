package dev.hindsight.model.journal;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * Tells the content of one change from any other: the first 16 bytes of the SHA-256 of its serialised partition update.
 * Replicas log equal bytes for one write, so their copies have equal digests; two writes that are equal in everything, also
 * in their timestamps, are one change.
 *
 * @param high the first eight bytes, big-endian; ordered as unsigned
 */
public record ContentDigest(long high, long low) implements Comparable<ContentDigest> {
    public static final int BYTES = 16;

    public static ContentDigest of(byte[] bytes, int at, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, at, length);
            ByteBuffer found = ByteBuffer.wrap(digest.digest());
            return new ContentDigest(found.getLong(), found.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public int compareTo(ContentDigest other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** 32 hex digits. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x%016x", high, low);
    }
}
