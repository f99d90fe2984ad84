package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.synthesis.ExpiryHistogram;

/** Counts what comes out of the merge, each partition once however many sinks it goes to. One thread. */
public final class MergeCounts {
    private final ExpiryHistogram.Builder expiry = new ExpiryHistogram.Builder();
    private long lastExpiry = RowFormat.NO_TIMESTAMP;
    private long lastExpiryRows;
    long partitions;
    long rows;
    long tombstones;
    /** Rows that passed as bytes, for tests and benchmarks. */
    long plainRows;

    public long partitions() {
        return partitions;
    }

    /** Live or not, static rows not counted. */
    public long rows() {
        return rows;
    }

    public long tombstones() {
        return tombstones;
    }

    public long plainRows() {
        return plainRows;
    }

    public ExpiryHistogram expiry() {
        flush();
        return expiry.build();
    }

    /** A row loses its last content at that second. Neighbours often die together, so they are added together. */
    void rowDies(long epochSeconds) {
        if (epochSeconds != lastExpiry) {
            flush();
            lastExpiry = epochSeconds;
        }
        lastExpiryRows++;
    }

    private void flush() {
        if (lastExpiryRows > 0) {
            expiry.add(lastExpiry, lastExpiryRows);
            lastExpiryRows = 0;
        }
    }
}
