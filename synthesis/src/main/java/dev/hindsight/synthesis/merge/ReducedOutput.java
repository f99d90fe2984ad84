package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes what is kept of merged changes: their rows as they are, and of their deletions what is asked for. A partition begins
 * with the first thing in it. One thread.
 */
final class ReducedOutput {
    private static final int TOMBSTONES_AT_ONCE = 4096;

    /** Changes stay as they were merged. */
    private static final long NOTHING_EXPIRES = 0;

    private final RowLayout layout;
    private final PartitionSink sink;
    private final PartitionStatistics statistics = new PartitionStatistics();
    private final MergeCounts counts;
    private final RowMerge rows;
    private final RowOutput out;
    private final RowCursor[] one = new RowCursor[1];
    private final byte[] emptyStaticRow;
    private byte[] scratch = new byte[256];
    private RowCursor of;
    private long deletedAt;
    private long deletionTime;
    private long openAt;
    private long openTime;
    private boolean begun;

    ReducedOutput(
            List<RowCursor> changes,
            RowLayout layout,
            Map<String, DroppedColumn> dropped,
            PartitionSink sink,
            MergeCounts counts) {
        this.layout = layout;
        this.sink = sink;
        this.counts = counts;
        this.of = changes.get(0);
        List<RowLayout> layouts = new ArrayList<>();
        InputColumns[] statics = new InputColumns[changes.size()];
        InputColumns[] regulars = new InputColumns[changes.size()];
        for (int i = 0; i < changes.size(); i++) {
            RowLayout input = changes.get(i).layout;
            layouts.add(input);
            statics[i] = new InputColumns(input.statics(), layout.statics(), dropped);
            regulars[i] = new InputColumns(input.regulars(), layout.regulars(), dropped);
        }
        MergeRules rules = MergeRules.of(
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                NOTHING_EXPIRES,
                !layout.hasUnsignedDeletionTimes());
        this.rows = new RowMerge(layout, layouts, statics, regulars);
        this.out = new RowOutput(layout, rules, statistics, counts);
        out.begin(true, 0);
        out.finish(scratch, 0, 0);
        this.emptyStaticRow = Arrays.copyOfRange(out.bytes, out.start, out.end);
    }

    /** A partition's changes follow; its deletion when one is to be kept, else {@link RowFormat#NO_TIMESTAMP}. */
    void partition(RowCursor change, long keptDeletedAt, long keptDeletionTime) {
        of = change;
        deletedAt = keptDeletedAt;
        deletionTime = keptDeletedAt == RowFormat.NO_TIMESTAMP ? RowFormat.NO_DELETION_TIME : keptDeletionTime;
        openAt = RowFormat.NO_TIMESTAMP;
        openTime = RowFormat.NO_DELETION_TIME;
        begun = false;
    }

    /** Before all but the static row. */
    void endHead() {
        if (deletedAt != RowFormat.NO_TIMESTAMP) {
            beginWithoutStatics();
        }
    }

    private void beginWithoutStatics() {
        if (!begun) {
            begin(emptyStaticRow, 0, emptyStaticRow.length);
        }
    }

    private boolean encode(RowCursor change, boolean isStatic) {
        int length = isStatic ? 0 : change.clusteringEnd - change.clusteringAt;
        one[0] = change;
        out.begin(isStatic, length);
        rows.merge(one, 0, 1, isStatic, RowFormat.NO_TIMESTAMP, RowFormat.NO_DELETION_TIME, true, out);
        if (out.isEmpty()) {
            return false;
        }
        out.finish(isStatic ? scratch : change.bytes, isStatic ? 0 : change.clusteringAt, length);
        return true;
    }

    void staticRow(RowCursor change) {
        if (encode(change, true)) {
            begin(out.bytes, out.start, out.end - out.start);
        }
    }

    void row(RowCursor change) {
        if (!encode(change, false)) {
            return;
        }
        beginWithoutStatics();
        sink.append(out.bytes, out.start, out.end - out.start);
        sink.unfiltered(
                RowFormat.CLUSTERING,
                change.bytes,
                change.clusteringAt,
                change.clusteringEnd - change.clusteringAt,
                change.values,
                openAt,
                openTime);
        handOver();
    }

    /** From {@code place} on, this range tombstone is open; none when it is {@link RowFormat#NO_TIMESTAMP}. */
    void open(RowCursor place, long at, long time) {
        if (at == openAt && (at == RowFormat.NO_TIMESTAMP || time == openTime)) {
            return;
        }
        boolean closes = openAt != RowFormat.NO_TIMESTAMP;
        boolean opens = at != RowFormat.NO_TIMESTAMP;
        beginWithoutStatics();
        int length = place.clusteringEnd - place.clusteringAt;
        byte[] into = scratch(length + 64);
        int kind = markerKind(place.kind, closes, opens);
        into[0] = RowFormat.IS_MARKER;
        into[1] = (byte) kind;
        VInts.putShort2(into, 2, place.values);
        System.arraycopy(place.bytes, place.clusteringAt, into, 4, length);
        int sizeAt = 4 + length;
        int p = sizeAt + 1;
        into[p++] = 0;
        if (closes) {
            p = putDeletion(into, p, openAt, openTime);
        }
        if (opens) {
            p = putDeletion(into, p, at, time);
            counts.tombstones++;
        }
        into[sizeAt] = (byte) (p - sizeAt - 1);
        openAt = at;
        openTime = opens ? time : RowFormat.NO_DELETION_TIME;
        sink.append(into, 0, p);
        sink.unfiltered(kind, into, 4, length, place.values, openAt, openTime);
        handOver();
    }

    static int markerKind(int placeKind, boolean closes, boolean opens) {
        boolean before = RowFormat.comparedToRow(placeKind) < 0;
        if (closes && opens) {
            return before ? RowFormat.EXCL_END_INCL_START_BOUNDARY : RowFormat.INCL_END_EXCL_START_BOUNDARY;
        }
        if (opens) {
            return before ? RowFormat.INCL_START_BOUND : RowFormat.EXCL_START_BOUND;
        }
        return before ? RowFormat.EXCL_END_BOUND : RowFormat.INCL_END_BOUND;
    }

    /** Ends the partition; gives whether anything of it was kept. */
    boolean end() {
        if (begun) {
            scratch[0] = RowFormat.END_OF_PARTITION;
            sink.append(scratch, 0, 1);
            sink.end(statistics);
            statistics.clear();
        }
        return begun;
    }

    private void begin(byte[] staticRow, int staticAt, int staticLength) {
        begun = true;
        counts.partitions++;
        sink.begin(of.key, of.keyLength, of.token, deletedAt, deletionTime);
        byte[] into = scratch(of.keyLength + 16);
        VInts.putShort2(into, 0, of.keyLength);
        System.arraycopy(of.key, 0, into, 2, of.keyLength);
        int p = 2 + of.keyLength;
        boolean deleted = deletedAt != RowFormat.NO_TIMESTAMP;
        if (deleted) {
            statistics.hasPartitionLevelDeletions = true;
            statistics.timestamp(deletedAt);
            statistics.localDeletionTime(deletionTime);
            counts.tombstones++;
        }
        if (!layout.hasUnsignedDeletionTimes()) {
            VInts.putInt4(into, p, (int) Math.min(deletionTime, Integer.MAX_VALUE));
            VInts.putLong8(into, p + 4, deletedAt);
            p += 12;
        } else if (!deleted) {
            into[p++] = (byte) 0x80;
        } else if (deletedAt < 0) {
            throw new UnsupportedException(
                    "a partition was deleted at timestamp " + deletedAt + ", which version oa cannot hold",
                    "delete the partition again with a positive timestamp");
        } else {
            VInts.putLong8(into, p, deletedAt);
            VInts.putInt4(into, p + 8, (int) deletionTime);
            p += 12;
        }
        sink.append(into, 0, p);
        if (layout.statics().size() > 0) {
            sink.append(staticRow, staticAt, staticLength);
        }
        sink.endHeader();
    }

    private int putDeletion(byte[] into, int p, long at, long time) {
        statistics.timestamp(at);
        statistics.localDeletionTime(time);
        int q = VInts.putUnsigned(into, p, at - layout.header().base().minTimestamp());
        return VInts.putUnsigned(into, q, (int) (time - layout.header().base().minLocalDeletionTime()));
    }

    private void handOver() {
        if (statistics.tombstones >= TOMBSTONES_AT_ONCE) {
            sink.add(statistics);
            statistics.clear();
        }
    }

    private byte[] scratch(int length) {
        if (scratch.length < length) {
            scratch = new byte[length + (length >> 1)];
        }
        return scratch;
    }
}
