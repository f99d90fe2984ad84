package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.RecentToken;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Merges the partitions of all inputs into one sink: Cassandra's reconciliation, then the policy for TTLs, then the purge,
 * in the order of its compaction. Partitions, rows and columns that are empty after that do not come out. Memory does not
 * grow with partitions, and with inputs only by what their cursors hold. One thread, one use.
 *
 * <p>Source: {@code CompactionIterator}, {@code UnfilteredRowIterators.UnfilteredRowMergeIterator}, {@code PurgeFunction},
 * {@code SortedTableWriter} 5.0.9.
 */
public final class PartitionMerge {
    /** After so many the times of tombstones are handed over within a partition. */
    private static final int TOMBSTONES_AT_ONCE = 4096;

    /** Longer ones are not gathered in the batch. */
    private static final int LONG_ROW = 512;

    private final List<RowCursor> inputs;
    private final RowLayout layout;
    private final MergeRules rules;
    private final TokenRanges wanted;
    private final PartitionSink sink;
    private final RowBatch batch;
    private final PartitionStatistics statistics = new PartitionStatistics();
    private final MergeCounts counts = new MergeCounts();
    private final PartitionOrder partitions;
    private final CursorOrder unfiltereds;
    private final RangeTombstones tombstones;
    private final RowMerge rows;
    private final RowOutput out;
    private final PlainRows plain;
    private final SameRows same;
    private final SameRows sameStatics;
    private final RowCursor[] withStatics;
    private final RowCursor[] versions;
    private final byte[] emptyStaticRow;
    private byte[] scratch = new byte[256];

    private boolean begun;
    private long deletedAt;
    private long deletionTime;
    /** What is open in the output, after the purge. */
    private long openAt;

    private long openTime;

    /**
     * @param inputs each before its first partition, with {@link RowCursor#index} its place in this list
     * @param output columns, types and base of what is written; its layout says by
     *     {@link RowLayout#hasUnsignedDeletionTimes} whether it is nb or oa
     * @param dropped by name
     * @param wanted other partitions are passed over and count nowhere
     */
    public PartitionMerge(
            List<RowCursor> inputs,
            RowLayout output,
            Map<String, DroppedColumn> dropped,
            PurgePolicy purge,
            TtlPolicy ttl,
            long nowEpochSeconds,
            TokenRanges wanted,
            PartitionSink sink) {
        this.inputs = List.copyOf(inputs);
        this.layout = output;
        this.rules = MergeRules.of(purge, ttl, nowEpochSeconds, !output.hasUnsignedDeletionTimes());
        this.wanted = wanted;
        this.sink = sink;
        this.batch = new RowBatch(output.clusterings().size());
        int size = inputs.size();
        InputColumns[] statics = new InputColumns[size];
        InputColumns[] regulars = new InputColumns[size];
        List<RowLayout> layouts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            RowLayout input = inputs.get(i).layout;
            if (inputs.get(i).index != i) {
                throw new IllegalArgumentException("cursor " + i + " has index " + inputs.get(i).index);
            }
            if (!input.hasClusteringsOf(output)) {
                throw new UnsupportedException(
                        "clustering columns are coded as " + input.header().clusteringTypes() + " in an SSTable but as "
                                + output.header().clusteringTypes() + " now",
                        "run 'nodetool upgradesstables -a' on the nodes, then take the backup again");
            }
            try {
                statics[i] = new InputColumns(input.statics(), output.statics(), dropped);
                regulars[i] = new InputColumns(input.regulars(), output.regulars(), dropped);
            } catch (MalformedException e) {
                throw new DamagedInput(i, String.valueOf(e.getMessage()), e);
            }
            layouts.add(input);
        }
        this.partitions = new PartitionOrder(this.inputs);
        this.unfiltereds = new CursorOrder(size, output.clusterings());
        this.tombstones = new RangeTombstones(size);
        this.rows = new RowMerge(output, layouts, statics, regulars);
        this.out = new RowOutput(output, rules, statistics, counts);
        this.plain = new PlainRows(output, layouts, regulars, statistics, counts);
        this.same = new SameRows(output, layouts, regulars, false);
        this.sameStatics = new SameRows(output, layouts, statics, true);
        this.withStatics = new RowCursor[size];
        this.versions = new RowCursor[size];
        out.begin(true, 0);
        out.finish(scratch, 0, 0);
        this.emptyStaticRow = java.util.Arrays.copyOfRange(out.bytes, out.start, out.end);
    }

    /**
     * Merges all.
     *
     * @throws DamagedInput an input has wrong bytes
     * @throws NeedsLongExpiry the output is nb and cannot hold a deletion time; what the sink got is of no use
     */
    public MergeCounts run() {
        RecentToken tokens = new RecentToken();
        inputs.forEach(cursor -> cursor.share(tokens));
        for (int i = inputs.size() - 1; i >= 0; i--) {
            if (nextPartition(inputs.get(i))) {
                partitions.insert(inputs.get(i));
            }
        }
        RowCursor[] taken = partitions.taken;
        while (!partitions.isEmpty()) {
            int count = partitions.takeFirst();
            if (wanted.contains(taken[0].token)) {
                try {
                    partition(taken, 0, count);
                } catch (MalformedException e) {
                    throw blame(taken, 0, count, e);
                }
            } else {
                passOver(taken, 0, count);
            }
            for (int i = count - 1; i >= 0; i--) {
                if (nextPartition(taken[i])) {
                    partitions.insert(taken[i]);
                }
            }
        }
        return counts;
    }

    private static boolean nextPartition(RowCursor cursor) {
        try {
            return cursor.nextPartition();
        } catch (MalformedException e) {
            throw new DamagedInput(cursor.index, String.valueOf(e.getMessage()), e);
        }
    }

    static void passOver(RowCursor[] cursors, int from, int count) {
        for (int i = from; i < from + count; i++) {
            boolean more = true;
            while (more) {
                more = next(cursors[i]);
            }
        }
    }

    private void partition(RowCursor[] cursors, int from, int count) {
        begun = false;
        deletion(cursors, from, count);
        if (layout.statics().size() > 0) {
            staticRow(cursors, from, count);
        }
        if (!begun && deletedAt != RowFormat.NO_TIMESTAMP) {
            begin(cursors[from], emptyStaticRow, 0, emptyStaticRow.length);
        }
        unfiltereds.clear();
        for (int i = from + count - 1; i >= from; i--) {
            if (next(cursors[i])) {
                unfiltereds.insert(cursors[i]);
            }
        }
        while (!unfiltereds.isEmpty()) {
            int first = unfiltereds.first;
            int ties = unfiltereds.ties();
            if (unfiltereds.cursors[first].kind == RowFormat.CLUSTERING) {
                row(unfiltereds.cursors, first, ties);
            } else {
                markers(unfiltereds.cursors, first, ties);
            }
            for (int i = first; i < first + ties; i++) {
                next(unfiltereds.cursors[i]);
            }
            unfiltereds.putBack(ties);
        }
        if (begun) {
            end();
        }
    }

    static boolean next(RowCursor cursor) {
        try {
            return cursor.next();
        } catch (MalformedException e) {
            throw new DamagedInput(cursor.index, String.valueOf(e.getMessage()), e);
        }
    }

    private void deletion(RowCursor[] cursors, int from, int count) {
        long at = RowFormat.NO_TIMESTAMP;
        long time = RowFormat.NO_DELETION_TIME;
        for (int i = from; i < from + count; i++) {
            RowCursor cursor = cursors[i];
            if (Reconciliation.deletionSupersedes(cursor.deletedAt, cursor.deletionTime, at, time)) {
                at = cursor.deletedAt;
                time = cursor.deletionTime;
            }
        }
        tombstones.begin(at, time);
        boolean stays = at != RowFormat.NO_TIMESTAMP && !rules.purges(time);
        deletedAt = stays ? at : RowFormat.NO_TIMESTAMP;
        deletionTime = stays ? time : RowFormat.NO_DELETION_TIME;
        openAt = RowFormat.NO_TIMESTAMP;
        openTime = RowFormat.NO_DELETION_TIME;
    }

    private void staticRow(RowCursor[] cursors, int from, int count) {
        int having = 0;
        for (int i = from; i < from + count; i++) {
            if (cursors[i].kind == RowFormat.STATIC_CLUSTERING) {
                withStatics[having++] = cursors[i];
            }
        }
        if (having == 0) {
            return;
        }
        if (having > 1 && sameStatics.areSame(withStatics, 0, having)) {
            having = 1;
        }
        out.begin(true, 0);
        merge(withStatics, 0, having, true, count == 1);
        if (!out.isEmpty()) {
            out.finish(scratch, 0, 0);
            begin(cursors[from], out.bytes, out.start, out.end - out.start);
        }
    }

    private void merge(RowCursor[] cursors, int from, int count, boolean isStatic, boolean mayBeAlone) {
        try {
            rows.merge(cursors, from, count, isStatic, tombstones.activeAt, tombstones.activeTime, mayBeAlone, out);
        } catch (MalformedException | IndexOutOfBoundsException e) {
            throw blame(cursors, from, count, e);
        }
    }

    /** Looks at what the inputs have at hand one by one to find the one that cannot be read or compared. */
    static DamagedInput blame(RowCursor[] cursors, int from, int count, RuntimeException failure) {
        for (int i = from; i < from + count; i++) {
            RowCursor cursor = cursors[i];
            try {
                look(cursor);
            } catch (MalformedException | IndexOutOfBoundsException e) {
                return new DamagedInput(cursor.index, cursor.where() + ": " + e.getMessage(), e);
            }
        }
        return new DamagedInput(
                cursors[from].index, cursors[from].where() + ", or its copies: " + failure.getMessage(), failure);
    }

    /** Values are only looked into where they are compared, so each is compared with itself. */
    private static void look(RowCursor cursor) {
        if (cursor.kind == RowCursor.NONE) {
            return;
        }
        boolean isStatic = cursor.kind == RowFormat.STATIC_CLUSTERING;
        if (!isStatic) {
            cursor.layout
                    .clusterings()
                    .compare(
                            cursor.kind,
                            cursor.bytes,
                            cursor.clusteringAt,
                            cursor.values,
                            cursor.kind,
                            cursor.bytes,
                            cursor.clusteringAt,
                            cursor.values);
        }
        if (!isStatic && cursor.kind != RowFormat.CLUSTERING) {
            return;
        }
        RowWalker walker = new RowWalker(cursor.layout);
        walker.start(isStatic, cursor.flags, cursor.extendedFlags, cursor.bytes, cursor.bodyAt, cursor.bodyEnd);
        while (walker.nextColumn()) {
            CassandraType paths = walker.complex ? walker.pathType() : null;
            while (paths != null && walker.nextCell()) {
                paths.compare(
                        walker.bytes, walker.pathAt, walker.pathLength, walker.bytes, walker.pathAt, walker.pathLength);
            }
            if (cursor.layout.columns(isStatic).isCounter(walker.column)
                    && walker.valueLength > 0
                    && (walker.cellDeletionTime == RowFormat.NO_DELETION_TIME || walker.cellTtl != RowFormat.NO_TTL)) {
                CounterContexts.hasLegacyShards(walker.bytes, walker.valueAt, walker.valueLength);
            }
        }
        walker.finish(true);
    }

    private void row(RowCursor[] cursors, int from, int count) {
        RowCursor first = cursors[from];
        // Values that compare as equal may differ in their bytes; Cassandra's merge keeps those that it saw last.
        RowCursor place = cursors[from + count - 1];
        int clusteringLength = place.clusteringEnd - place.clusteringAt;
        int looked = plain.look(cursors, from, count, tombstones.activeAt);
        if (looked == PlainRows.SHADOWED) {
            return;
        }
        if (looked == PlainRows.NO) {
            // What several inputs hold alike is as good as one version, but not as one that stands alone.
            int distinct = same.distinct(cursors, from, count, versions);
            out.begin(false, clusteringLength);
            merge(versions, 0, distinct, false, distinct == count);
            if (out.isEmpty()) {
                return;
            }
            out.finish(place.bytes, place.clusteringAt, clusteringLength);
        }
        if (!begun) {
            begin(first, emptyStaticRow, 0, emptyStaticRow.length);
        }
        int most = looked == PlainRows.STAYS ? plain.mostBytes(first, place) : out.end - out.start;
        if (most > LONG_ROW) {
            longRow(first, place, looked);
        } else {
            if (!batch.hasRoom(most)) {
                flush();
            }
            if (looked == PlainRows.STAYS) {
                plain.write(first, place, batch);
            } else {
                out.copyTo(batch);
            }
        }
        handOver();
    }

    /** Not through the batch, which would be one copy more. */
    private void longRow(RowCursor first, RowCursor place, int looked) {
        flush();
        if (looked == PlainRows.STAYS) {
            plain.writeLong(first, place, sink);
        } else {
            sink.append(out.bytes, out.start, out.end - out.start);
        }
        sink.unfiltered(
                RowFormat.CLUSTERING,
                place.bytes,
                place.clusteringAt,
                place.clusteringEnd - place.clusteringAt,
                place.values,
                openAt,
                openTime);
    }

    private void flush() {
        if (batch.count > 0) {
            sink.rows(batch, openAt, openTime);
            batch.clear();
        }
    }

    private void markers(RowCursor[] cursors, int from, int count) {
        long closedAt = tombstones.mergedAt;
        long closedTime = tombstones.mergedTime;
        if (!tombstones.pass(cursors, from, count)) {
            return;
        }
        long openedAt = tombstones.mergedAt;
        long openedTime = tombstones.mergedTime;
        if (closedAt != RowFormat.NO_TIMESTAMP && rules.purges(closedTime)) {
            closedAt = RowFormat.NO_TIMESTAMP;
        }
        if (openedAt != RowFormat.NO_TIMESTAMP && rules.purges(openedTime)) {
            openedAt = RowFormat.NO_TIMESTAMP;
            openedTime = RowFormat.NO_DELETION_TIME;
        }
        if (closedAt == RowFormat.NO_TIMESTAMP && openedAt == RowFormat.NO_TIMESTAMP) {
            return;
        }
        marker(cursors[from + count - 1], closedAt, closedTime, openedAt, openedTime);
    }

    private void marker(RowCursor place, long closedAt, long closedTime, long openedAt, long openedTime) {
        boolean before = RowFormat.comparedToRow(place.kind) < 0;
        boolean closes = closedAt != RowFormat.NO_TIMESTAMP;
        boolean opens = openedAt != RowFormat.NO_TIMESTAMP;
        int kind;
        if (closes && opens) {
            kind = before ? RowFormat.EXCL_END_INCL_START_BOUNDARY : RowFormat.INCL_END_EXCL_START_BOUNDARY;
        } else if (opens) {
            kind = before ? RowFormat.INCL_START_BOUND : RowFormat.EXCL_START_BOUND;
        } else {
            kind = before ? RowFormat.EXCL_END_BOUND : RowFormat.INCL_END_BOUND;
        }
        if (!begun) {
            begin(place, emptyStaticRow, 0, emptyStaticRow.length);
        }
        int clusteringLength = place.clusteringEnd - place.clusteringAt;
        byte[] into = scratch(clusteringLength + 64);
        into[0] = RowFormat.IS_MARKER;
        into[1] = (byte) kind;
        VInts.putShort2(into, 2, place.values);
        System.arraycopy(place.bytes, place.clusteringAt, into, 4, clusteringLength);
        // The body is at most four numbers, so that its size takes one byte.
        int sizeAt = 4 + clusteringLength;
        int p = sizeAt + 1;
        into[p++] = 0;
        if (closes) {
            p = putDeletion(into, p, closedAt, closedTime);
        }
        if (opens) {
            p = putDeletion(into, p, openedAt, openedTime);
            counts.tombstones++;
            check(openedTime);
        }
        into[sizeAt] = (byte) (p - sizeAt - 1);
        flush();
        openAt = openedAt;
        openTime = opens ? openedTime : RowFormat.NO_DELETION_TIME;
        sink.append(into, 0, p);
        sink.unfiltered(kind, into, 4, clusteringLength, place.values, openAt, openTime);
        handOver();
    }

    private int putDeletion(byte[] into, int p, long at, long time) {
        statistics.timestamp(at);
        statistics.localDeletionTime(time);
        int q = VInts.putUnsigned(into, p, at - layout.header().base().minTimestamp());
        return VInts.putUnsigned(into, q, (int) (time - layout.header().base().minLocalDeletionTime()));
    }

    private void begin(RowCursor of, byte[] staticRow, int staticAt, int staticLength) {
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
            check(deletionTime);
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

    private void end() {
        flush();
        scratch[0] = RowFormat.END_OF_PARTITION;
        sink.append(scratch, 0, 1);
        sink.end(statistics);
        statistics.clear();
    }

    private void handOver() {
        if (statistics.tombstones >= TOMBSTONES_AT_ONCE) {
            flush();
            sink.add(statistics);
            statistics.clear();
        }
    }

    private void check(long time) {
        if (time > rules.lastDeletionTime()) {
            throw new NeedsLongExpiry();
        }
    }

    private byte[] scratch(int length) {
        if (scratch.length < length) {
            scratch = new byte[length + (length >> 1)];
        }
        return scratch;
    }
}
