package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.synthesis.ContentTap;
import org.jspecify.annotations.Nullable;

/** Hashes what a merge writes, run by run, and notes its latest write time. One thread. */
public final class RunTap implements ContentTap {
    private static final int SMALL_PENDING = 1 << 16;

    private final Runs runs;
    private @Nullable RunHasher hasher;
    private long maxTimestampMicros = Long.MIN_VALUE;
    private boolean ended;

    public RunTap(Runs runs) {
        this.runs = runs;
    }

    /**
     * No write time is later; {@code Long.MIN_VALUE} when nothing was written, {@code Long.MAX_VALUE} when the tap was not
     * told of all that was.
     */
    public long maxTimestampMicros() {
        return ended ? maxTimestampMicros : Long.MAX_VALUE;
    }

    /** Whether it has seen all of a merge. */
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public PartitionSink over(PartitionSink to, RowLayout layout) {
        maxTimestampMicros = Long.MIN_VALUE;
        ended = false;
        RunHasher fresh = new RunHasher(runs, layout);
        hasher = fresh;
        return new Sink(to, fresh, layout);
    }

    @Override
    public void end() {
        if (hasher != null) {
            hasher.end();
            ended = true;
        }
    }

    private final class Sink implements PartitionSink {
        private final PartitionSink to;
        private final RunHasher hash;
        private final boolean hasStatics;
        private final boolean longDeletions;
        private int headerLeft;
        private byte[] pending = new byte[4096];
        private int length;

        Sink(PartitionSink to, RunHasher hash, RowLayout layout) {
            this.to = to;
            this.hash = hash;
            this.hasStatics = layout.statics().size() > 0;
            this.longDeletions = !layout.hasUnsignedDeletionTimes();
        }

        @Override
        public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
            to.begin(key, keyLength, token, deletedAt, deletionTime);
            hash.begin(key, keyLength, token, deletedAt, deletionTime);
            headerLeft = 2 + keyLength + (longDeletions || deletedAt != RowFormat.NO_TIMESTAMP ? 12 : 1);
            length = 0;
        }

        @Override
        public void append(byte[] bytes, int offset, int count) {
            to.append(bytes, offset, count);
            int skipped = Math.min(headerLeft, count);
            headerLeft -= skipped;
            int left = count - skipped;
            if (pending.length - length < left) {
                grow(left);
            }
            System.arraycopy(bytes, offset + skipped, pending, length, left);
            length += left;
        }

        private void grow(int left) {
            long needed = Math.min(Integer.MAX_VALUE - 16L, ((long) length + left) * 3 / 2);
            pending = java.util.Arrays.copyOf(pending, (int) needed);
        }

        private void done() {
            length = 0;
            if (pending.length > SMALL_PENDING) {
                pending = new byte[4096];
            }
        }

        @Override
        public void endHeader() {
            to.endHeader();
            if (hasStatics) {
                hash.staticRow(pending, 0, length);
            }
            done();
        }

        @Override
        public void unfiltered(
                int kind, byte[] clustering, int offset, int count, int values, long openAt, long openTime) {
            to.unfiltered(kind, clustering, offset, count, values, openAt, openTime);
            if (kind == RowFormat.CLUSTERING) {
                hash.row(pending, 0, length, count);
            } else {
                hash.marker(kind, clustering, offset, count, values, openAt, openTime);
            }
            done();
        }

        @Override
        public void rows(RowBatch batch, long openAt, long openTime) {
            to.rows(batch, openAt, openTime);
            int start = 0;
            for (int row = 0; row < batch.count; row++) {
                hash.row(batch.bytes, start, batch.end(row), batch.clusteringLength(row));
                start = batch.end(row);
            }
        }

        @Override
        public void add(PartitionStatistics statistics) {
            to.add(statistics);
            times(statistics);
        }

        @Override
        public void end(PartitionStatistics statistics) {
            to.end(statistics);
            times(statistics);
            done();
        }

        private void times(PartitionStatistics statistics) {
            hash.timestamp(statistics.minTimestamp);
            maxTimestampMicros = Math.max(maxTimestampMicros, statistics.maxTimestamp);
        }
    }
}
