package dev.hindsight.model.journal;

/**
 * How far a table's journal is published.
 *
 * @param watermarkMicros the instants of all published records are below it, those of all records to come are not: what
 *     is asked for an instant below it gets the same answer for ever
 * @param lastNumber of the published records; 0 for none
 */
public record Published(long watermarkMicros, long lastNumber) {
    /** Of a journal without entries, which accepts what was observed at any time. */
    public static final Published NOTHING = new Published(Long.MIN_VALUE, 0);

    public Published {
        if (lastNumber < 0) {
            throw new IllegalArgumentException("the last number is " + lastNumber);
        }
    }

    /** Whether the records up to this instant, and including it, are final. */
    public boolean isFinal(long instantMicros) {
        return instantMicros < watermarkMicros;
    }
}
