package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.codec.row.RowLayout;

/** Hashes partitions in token order into the runs of {@link Runs}. One thread. */
public final class RunHasher {
    private final Runs runs;
    private final RunContent content = new RunContent();
    private final CanonicalContent canonical;

    /** @param layout of the bytes that rows are given in */
    public RunHasher(Runs runs, RowLayout layout) {
        this.runs = runs;
        this.canonical = new CanonicalContent(content.hash, layout);
        runs.restart();
    }

    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
        runs.before(token, content);
        content.partition();
        canonical.partition(key, keyLength, deletedAt, deletionTime);
    }

    /** Of the partition at hand, or of a part of it: no write time is earlier. */
    public void timestamp(long minMicros) {
        content.timestamp(minMicros);
    }

    /** A static row as an SSTable has it, perhaps an empty one. */
    public void staticRow(byte[] bytes, int from, int end) {
        canonical.staticRow(bytes, from, end);
    }

    /** A row as an SSTable has it. */
    public void row(byte[] bytes, int from, int end, int clusteringLength) {
        canonical.row(bytes, from, end, clusteringLength);
    }

    /** A bound or boundary, and the range tombstone that is open behind it. */
    public void marker(int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
        canonical.marker(kind, clustering, offset, length, values, openAt, openTime);
    }

    public void end() {
        runs.end(content);
    }
}
