package dev.hindsight.engine.source;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Checks a file's checksum when it happens to be read from its first byte to its last in order; any other order of
 * reading ends the check without a verdict. Text form {@code algorithm:hex} with {@code crc32} or {@code sha256}.
 * Safe for use by several threads.
 */
final class WholeFileCheck {
    private final String expected;
    private final long sizeBytes;
    private final CRC32 crc = new CRC32();
    private final Optional<MessageDigest> sha256;
    private long next;
    private boolean inOrder;

    WholeFileCheck(String expected, long sizeBytes) {
        this.expected = expected;
        this.sizeBytes = sizeBytes;
        this.sha256 = expected.startsWith("sha256:") ? Optional.of(newSha256()) : Optional.empty();
        this.inOrder = sha256.isPresent() || expected.startsWith("crc32:");
    }

    /** Text that says what is wrong, once the last byte has been seen and the sum differs; else empty. */
    synchronized Optional<String> saw(long position, byte[] bytes, int offset, int length) {
        if (!inOrder) {
            return Optional.empty();
        }
        if (position != next) {
            inOrder = false;
            return Optional.empty();
        }
        if (sha256.isPresent()) {
            sha256.get().update(bytes, offset, length);
        } else {
            crc.update(bytes, offset, length);
        }
        next += length;
        if (next < sizeBytes) {
            return Optional.empty();
        }
        inOrder = false;
        String actual = sha256.map(digest -> "sha256:" + HexFormat.of().formatHex(digest.digest()))
                .orElseGet(() -> "crc32:" + HexFormat.of().toHexDigits((int) crc.getValue()));
        return actual.equals(expected)
                ? Optional.empty()
                : Optional.of("checksum of the whole file is " + actual + ", expected " + expected);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
