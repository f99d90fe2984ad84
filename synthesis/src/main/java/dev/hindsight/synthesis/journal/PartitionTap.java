package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.synthesis.ContentTap;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps the bytes of one partition, or of a slice of it, as they pass. One thread. */
final class PartitionTap implements ContentTap, PartitionSink {
    private final byte[] key;
    private final RowSlice slice;
    private final long mostBytes;
    private final Arena content = new Arena(1 << 10);
    private @Nullable RowLayout layout;
    private @Nullable SliceSink kept;
    private boolean wanted;

    PartitionTap(byte[] key, RowSlice slice, long mostBytes) {
        this.key = key;
        this.slice = slice;
        this.mostBytes = mostBytes;
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
        kept = new SliceSink(content, of, slice, mostBytes);
        return this;
    }

    @Override
    public void end() {}

    private Optional<SliceSink> wanted() {
        return wanted ? Optional.ofNullable(kept) : Optional.empty();
    }

    @Override
    public void begin(byte[] bytes, int keyLength, long token, long deletedAt, long deletionTime) {
        wanted = Arrays.equals(key, 0, key.length, bytes, 0, keyLength);
        wanted().ifPresent(sink -> sink.begin(bytes, keyLength, token, deletedAt, deletionTime));
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        wanted().ifPresent(sink -> sink.append(bytes, offset, length));
    }

    @Override
    public void endHeader() {
        wanted().ifPresent(SliceSink::endHeader);
    }

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
        wanted().ifPresent(sink -> sink.unfiltered(kind, clustering, offset, length, values, openAt, openTime));
    }

    @Override
    public void add(PartitionStatistics statistics) {}

    @Override
    public void end(PartitionStatistics statistics) {}
}
