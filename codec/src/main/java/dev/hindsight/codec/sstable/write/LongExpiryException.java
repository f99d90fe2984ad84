package dev.hindsight.codec.sstable.write;

/**
 * A deletion or expiry after 2038-01-19T03:14:06Z, which version {@code nb} cannot hold. Not a failure of the task: its
 * outputs are to be written again with version {@code oa}, or refused where the target reads only {@code nb}. Without a
 * stack trace, since it is control flow.
 */
public final class LongExpiryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The last local deletion time that {@code nb} can hold: {@code Cell.MAX_DELETION_TIME_2038_LEGACY_CAP}. */
    public static final long LAST_NB_DELETION_TIME = Integer.MAX_VALUE - 1;

    private final long deletionTime;

    public LongExpiryException(long deletionTime) {
        super(
                "local deletion time " + deletionTime + " is after " + LAST_NB_DELETION_TIME
                        + ", the last one that version nb can hold",
                null,
                false,
                false);
        this.deletionTime = deletionTime;
    }

    /** Epoch seconds. */
    public long deletionTime() {
        return deletionTime;
    }
}
