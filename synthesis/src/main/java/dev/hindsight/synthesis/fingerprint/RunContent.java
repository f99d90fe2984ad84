package dev.hindsight.synthesis.fingerprint;

/** What the run at hand holds so far. One thread. */
public final class RunContent {
    final ContentHash hash = new ContentHash();
    private long partitions;
    private long minTimestampMicros;

    RunContent() {
        restart();
    }

    void restart() {
        hash.restart();
        partitions = 0;
        minTimestampMicros = Long.MAX_VALUE;
    }

    void partition() {
        partitions++;
    }

    void timestamp(long micros) {
        minTimestampMicros = Math.min(minTimestampMicros, micros);
    }

    /** In the canonical coding. */
    public long bytes() {
        return hash.length();
    }

    public long partitions() {
        return partitions;
    }

    /** No write time in it is earlier; {@code Long.MAX_VALUE} when that was not told. */
    public long minTimestampMicros() {
        return minTimestampMicros;
    }

    /** Its hash; the next run begins. */
    public long take() {
        long taken = hash.take();
        restart();
        return taken;
    }
}
