package dev.hindsight.model.retention;

import java.util.Locale;
import java.util.Optional;

/**
 * When a chain is made whole by itself, at the end of a backup.
 *
 * @param automatic whether at all
 * @param chainLength backups that one restore may have to read, the first full one included
 * @param readFactor bytes that a restore reads, to those that the chain's whole shards hold: about what it would read
 *     after a rebase, or somewhat less
 */
public record RebasePolicy(boolean automatic, int chainLength, double readFactor) {
    public static final int DEFAULT_CHAIN_LENGTH = 14;
    public static final double DEFAULT_READ_FACTOR = 1.5;
    /** Less than this, 64 MiB, is not worth a rebase: a restore reads it in a second. */
    static final long LEAST_EXTRA_BYTES = 64L << 20;

    public static final RebasePolicy DEFAULT = new RebasePolicy(true, DEFAULT_CHAIN_LENGTH, DEFAULT_READ_FACTOR);
    public static final RebasePolicy NEVER = new RebasePolicy(false, DEFAULT_CHAIN_LENGTH, DEFAULT_READ_FACTOR);

    public RebasePolicy {
        if (chainLength < 1 || !(readFactor >= 1)) {
            throw new IllegalArgumentException(
                    "a chain of " + chainLength + " backups, or " + readFactor + " times the bytes, cannot be kept");
        }
    }

    /**
     * Why the chain is to be rebased now, for people; empty when it is not.
     *
     * @param backups of the chain
     * @param wholeBytes of its whole shards that count
     * @param allBytes of all its shards that count: what a restore reads
     */
    public Optional<String> due(int backups, long wholeBytes, long allBytes) {
        if (!automatic || backups < 2) {
            return Optional.empty();
        }
        if (backups > chainLength) {
            return Optional.of("the chain has " + backups + " backups, more than " + chainLength);
        }
        if (allBytes > wholeBytes * readFactor && allBytes - wholeBytes >= LEAST_EXTRA_BYTES) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "a restore reads %.2f times what the chain's whole shards hold, more than %.2f",
                    allBytes / Math.max(1.0, wholeBytes),
                    readFactor));
        }
        return Optional.empty();
    }
}
