package dev.hindsight.codec.commitlog;

import dev.hindsight.model.failure.UnsupportedException;

/**
 * Versions of commit-log segments that can be read.
 *
 * <p>Source: {@code CommitLogDescriptor} 5.0.9.
 */
public enum SegmentVersion {
    /** 4.0, 4.1, and 5.0 in its compatibility mode with 4. Deletion times end in 2038. */
    V40(7),
    /** 5.0. */
    V50(8);

    private final int number;

    SegmentVersion(int number) {
        this.number = number;
    }

    /** As in file names and headers. */
    public int number() {
        return number;
    }

    /** Whether deletion times are unsigned numbers of 32 bits. */
    public boolean hasUnsignedDeletionTimes() {
        return this == V50;
    }

    /**
     * @param segment for the message
     * @throws UnsupportedException there is none of that number
     */
    public static SegmentVersion of(int number, String segment) {
        for (SegmentVersion version : values()) {
            if (version.number == number) {
                return version;
            }
        }
        throw new UnsupportedException(
                "commit log " + segment + " has version " + number + "; supported are 7 (4.0, 4.1) and 8 (5.0)",
                number < V40.number
                        ? "let a node of 4.0 or later write new segments"
                        : "use a Hindsight release that knows this Cassandra version");
    }
}
