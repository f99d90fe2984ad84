package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.synthesis.ContentTap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Keeps the bytes of one partition as they pass. One thread. */
final class PartitionTap implements ContentTap, PartitionSink {
    private final byte[] key;
    private final Arena content = new Arena(1 << 10);
    private @Nullable RowLayout layout;
    private boolean wanted;

    PartitionTap(byte[] key) {
        this.key = key;
    }

    boolean hasPartition() {
        return content.length > 1;
    }

    Arena content() {
        return content;
    }

    RowLayout layout() {
        RowLayout present = layout;
        if (present == null) {
            throw new IllegalStateException("nothing has passed");
        }
        return present;
    }

    @Override
    public PartitionSink over(PartitionSink to, RowLayout of) {
        layout = of;
        content.clear();
        return this;
    }

    @Override
    public void end() {}

    @Override
    public void begin(byte[] bytes, int keyLength, long token, long deletedAt, long deletionTime) {
        wanted = Arrays.equals(key, 0, key.length, bytes, 0, keyLength);
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        if (wanted) {
            content.append(bytes, offset, length);
        }
    }

    @Override
    public void endHeader() {}

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {}

    @Override
    public void add(PartitionStatistics statistics) {}

    @Override
    public void end(PartitionStatistics statistics) {}
}
