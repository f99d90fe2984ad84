package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.fingerprint.RunHasher;
import dev.hindsight.synthesis.fingerprint.Verdict;
import dev.hindsight.synthesis.fingerprint.Verdicts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Leaves of merged changes only what changes the merged state of the layers below: a row is dropped when the layers with
 * it merge to the very bytes that they merge to without it, and a deletion where one in the layers is as strong. Both are
 * looked at under the deletions of all, since those that count are kept. So layers and what is kept merge to what layers
 * and changes would have, and no row that is kept can be spared. What a row shadows itself (a cell as old as the deletion of
 * its column, or such a deletion older than the row's) is no difference: Cassandra's merge leaves it where a row has one
 * version only.
 *
 * <p>Where the {@link Verdicts} say that a run is known or new, the layers are not looked at; nor are they needed there.
 * Memory does not grow with partitions. One thread, one use.
 */
public final class PartitionReduction {
    private final List<RowCursor> inputs;
    private final int changes;
    private final Verdicts.Reader verdicts;
    private final RunHasher merged;
    private final boolean hasStatics;
    private final PartitionOrder partitions;
    private final CursorOrder unfiltereds;
    private final RangeTombstones all;
    private final RangeTombstones below;
    private final RowMerge rows;
    private final PartitionStatistics unused = new PartitionStatistics();
    private final RowOutput before;
    private final RowOutput after;
    private final SameRows same;
    private final SameRows sameStatics;
    private final RowCursor[] picked;
    private final RowCursor[] versions;
    private final MergeCounts counts = new MergeCounts();
    private final ReducedOutput kept;
    private final byte[] nothing = new byte[1];
    private long redundantPartitions;
    private long redundantRows;

    private boolean mergedBegun;
    private long mergedDeletedAt;
    private long mergedDeletionTime;
    private long changeOpenAt;
    private long changeOpenTime;
    private long droppedRows;

    /**
     * @param changes SSTables of one merge, apart from each other; cursors with {@link RowCursor#index} from 0
     * @param layers the chain's, restricted to what has to be compared, without those that are older throughout; indexes go
     *     on
     * @param compared columns and types of all inputs, by which rows are compared
     * @param output of what is written
     * @param nowEpochSeconds at which two states are compared: what has expired by then is a tombstone in both
     * @param verdicts of all runs that have changes
     * @param merged gets the merged state of compared runs, coded as {@code compared} says
     * @param sink gets what is kept
     */
    public PartitionReduction(
            List<RowCursor> changes,
            List<RowCursor> layers,
            RowLayout compared,
            RowLayout output,
            Map<String, DroppedColumn> dropped,
            long nowEpochSeconds,
            Verdicts.Reader verdicts,
            RunHasher merged,
            PartitionSink sink) {
        this.changes = changes.size();
        this.inputs = new ArrayList<>(changes);
        inputs.addAll(layers);
        this.verdicts = verdicts;
        this.merged = merged;
        this.hasStatics = compared.statics().size() > 0;
        int size = inputs.size();
        InputColumns[] statics = new InputColumns[size];
        InputColumns[] regulars = new InputColumns[size];
        List<RowLayout> layouts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            RowLayout input = inputs.get(i).layout;
            if (inputs.get(i).index != i) {
                throw new IllegalArgumentException("cursor " + i + " has index " + inputs.get(i).index);
            }
            if (!input.hasClusteringsOf(compared)) {
                throw new UnsupportedException(
                        "clustering columns are coded as " + input.header().clusteringTypes() + " in an SSTable but as "
                                + compared.header().clusteringTypes() + " now",
                        "take a full backup of the table");
            }
            try {
                statics[i] = new InputColumns(input.statics(), compared.statics(), dropped);
                regulars[i] = new InputColumns(input.regulars(), compared.regulars(), dropped);
            } catch (MalformedException e) {
                throw new DamagedInput(i, String.valueOf(e.getMessage()), e);
            }
            layouts.add(input);
        }
        MergeRules rules = MergeRules.of(
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                nowEpochSeconds,
                !compared.hasUnsignedDeletionTimes());
        MergeCounts uncounted = new MergeCounts();
        this.partitions = new PartitionOrder(inputs);
        this.unfiltereds = new CursorOrder(size, compared.clusterings());
        this.all = new RangeTombstones(size);
        this.below = new RangeTombstones(size);
        this.rows = new RowMerge(compared, layouts, statics, regulars);
        this.before = new RowOutput(compared, rules, unused, uncounted);
        this.after = new RowOutput(compared, rules, unused, uncounted);
        this.same = new SameRows(compared, layouts, regulars, false);
        this.sameStatics = new SameRows(compared, layouts, statics, true);
        this.picked = new RowCursor[size];
        this.versions = new RowCursor[size];
        this.kept = new ReducedOutput(changes, output, dropped, sink, counts);
    }

    /** Partitions whose changes were compared and dropped whole. */
    public long redundantPartitions() {
        return redundantPartitions;
    }

    /** Rows of changes that were dropped in partitions of which something was kept. */
    public long redundantRows() {
        return redundantRows;
    }

    /**
     * Reduces all; the counts are of what is kept.
     *
     * @throws DamagedInput an input has wrong bytes
     */
    public MergeCounts run() {
        for (int i = inputs.size() - 1; i >= 0; i--) {
            advancePartition(inputs.get(i));
        }
        RowCursor[] taken = partitions.taken;
        while (!partitions.isEmpty()) {
            int count = partitions.takeFirst();
            try {
                partition(taken, 0, count);
            } catch (MalformedException e) {
                throw PartitionMerge.blame(taken, 0, count, e);
            }
            for (int i = count - 1; i >= 0; i--) {
                advancePartition(taken[i]);
            }
        }
        merged.end();
        return counts;
    }

    private void advancePartition(RowCursor cursor) {
        try {
            if (cursor.nextPartition()) {
                partitions.insert(cursor);
            }
        } catch (MalformedException e) {
            throw new DamagedInput(cursor.index, String.valueOf(e.getMessage()), e);
        }
    }

    private void partition(RowCursor[] cursors, int from, int count) {
        RowCursor change = change(cursors, from, count);
        boolean decided = verdicts.find(cursors[from].token);
        if (change != null && !decided) {
            throw new IllegalStateException("no verdict on the run of token " + change.token);
        }
        if (decided && verdicts.verdict() == Verdict.COMPARE) {
            reduce(cursors, from, count, change);
            return;
        }
        for (int i = from; i < from + count; i++) {
            if (cursors[i] == change && verdicts.verdict() == Verdict.NEW) {
                keep(change);
            } else {
                PartitionMerge.passOver(cursors, i, 1);
            }
        }
    }

    private @Nullable RowCursor change(RowCursor[] cursors, int from, int count) {
        RowCursor found = null;
        for (int i = from; i < from + count; i++) {
            if (cursors[i].index < changes) {
                if (found != null) {
                    throw new IllegalStateException(
                            "merged changes have the partition of token " + found.token + " twice");
                }
                found = cursors[i];
            }
        }
        return found;
    }

    private void keep(RowCursor change) {
        kept.partition(change, change.deletedAt, change.deletionTime);
        if (change.kind == RowFormat.STATIC_CLUSTERING) {
            kept.staticRow(change);
        }
        kept.endHead();
        while (PartitionMerge.next(change)) {
            if (change.kind == RowFormat.CLUSTERING) {
                kept.row(change);
            } else {
                kept.open(change, change.openDeletedAt, change.openDeletionTime);
            }
        }
        kept.end();
    }

    private void reduce(RowCursor[] cursors, int from, int count, @Nullable RowCursor change) {
        deletions(cursors, from, count, change);
        if (hasStatics) {
            staticRow(cursors, from, count, change);
        }
        if (change != null) {
            kept.endHead();
        }
        if (mergedDeletedAt != RowFormat.NO_TIMESTAMP) {
            beginMerged(cursors[from]);
        }
        unfiltereds.clear();
        for (int i = from + count - 1; i >= from; i--) {
            advance(cursors[i]);
        }
        while (!unfiltereds.isEmpty()) {
            int first = unfiltereds.first;
            int ties = unfiltereds.ties();
            if (unfiltereds.cursors[first].kind == RowFormat.CLUSTERING) {
                row(unfiltereds.cursors, first, ties);
            } else {
                markers(unfiltereds.cursors, first, ties, change);
            }
            unfiltereds.first = first + ties;
            for (int i = first + ties - 1; i >= first; i--) {
                advance(unfiltereds.cursors[i]);
            }
        }
        if (change != null) {
            if (kept.end()) {
                redundantRows += droppedRows;
            } else {
                redundantPartitions++;
            }
        }
    }

    private void advance(RowCursor cursor) {
        if (PartitionMerge.next(cursor)) {
            unfiltereds.insert(cursor);
        }
    }

    private void deletions(RowCursor[] cursors, int from, int count, @Nullable RowCursor change) {
        long belowAt = RowFormat.NO_TIMESTAMP;
        long belowTime = RowFormat.NO_DELETION_TIME;
        for (int i = from; i < from + count; i++) {
            RowCursor cursor = cursors[i];
            if (cursor != change
                    && Reconciliation.deletionSupersedes(cursor.deletedAt, cursor.deletionTime, belowAt, belowTime)) {
                belowAt = cursor.deletedAt;
                belowTime = cursor.deletionTime;
            }
        }
        mergedDeletedAt = belowAt;
        mergedDeletionTime = belowTime;
        if (change != null) {
            boolean stronger =
                    Reconciliation.deletionSupersedes(change.deletedAt, change.deletionTime, belowAt, belowTime);
            if (stronger) {
                mergedDeletedAt = change.deletedAt;
                mergedDeletionTime = change.deletionTime;
            }
            kept.partition(
                    change,
                    stronger ? change.deletedAt : RowFormat.NO_TIMESTAMP,
                    stronger ? change.deletionTime : RowFormat.NO_DELETION_TIME);
        }
        below.begin(belowAt, belowTime);
        all.begin(mergedDeletedAt, mergedDeletionTime);
        changeOpenAt = RowFormat.NO_TIMESTAMP;
        changeOpenTime = RowFormat.NO_DELETION_TIME;
        mergedBegun = false;
        droppedRows = 0;
    }

    private void staticRow(RowCursor[] cursors, int from, int count, @Nullable RowCursor change) {
        boolean stays = staticRow(cursors, from, count, null, after);
        if (change != null && change.kind == RowFormat.STATIC_CLUSTERING && stays) {
            boolean changed = !staticRow(cursors, from, count, change, before) || differ();
            if (changed) {
                kept.staticRow(change);
            }
        }
        if (stays) {
            beginMerged(cursors[from]);
            merged.staticRow(after.bytes, after.start, after.end);
        }
    }

    /** Merges the static rows of all but {@code without}; false when nothing is left. */
    private boolean staticRow(RowCursor[] cursors, int from, int count, @Nullable RowCursor without, RowOutput into) {
        int having = 0;
        for (int i = from; i < from + count; i++) {
            if (cursors[i] != without && cursors[i].kind == RowFormat.STATIC_CLUSTERING) {
                picked[having++] = cursors[i];
            }
        }
        if (having == 0) {
            return false;
        }
        boolean alone = without == null && count == 1;
        if (having > 1 && sameStatics.areSame(picked, 0, having)) {
            having = 1;
        }
        into.begin(true, 0);
        merge(picked, having, true, alone, into);
        if (into.isEmpty()) {
            return false;
        }
        into.finish(nothing, 0, 0);
        unused.clear();
        return true;
    }

    private void row(RowCursor[] cursors, int from, int count) {
        RowCursor place = cursors[from + count - 1];
        RowCursor change = change(cursors, from, count);
        System.arraycopy(cursors, from, picked, 0, count);
        boolean stays = row(picked, count, place, true, after);
        if (change != null) {
            int others = 0;
            for (int i = from; i < from + count; i++) {
                if (cursors[i] != change) {
                    picked[others++] = cursors[i];
                }
            }
            if (stays && (others == 0 || !row(picked, others, place, false, before) || differ())) {
                kept.row(change);
            } else {
                droppedRows++;
            }
        }
        if (stays) {
            beginMerged(place);
            merged.row(after.bytes, after.start, after.end, place.clusteringEnd - place.clusteringAt);
        }
    }

    /**
     * Merges versions of a row; false when nothing is left.
     *
     * @param mayBeAlone false leaves out of a single version what it shadows itself, as if there were another one
     */
    private boolean row(RowCursor[] of, int count, RowCursor place, boolean mayBeAlone, RowOutput into) {
        int length = place.clusteringEnd - place.clusteringAt;
        int distinct = same.distinct(of, 0, count, versions);
        into.begin(false, length);
        merge(versions, distinct, false, mayBeAlone && distinct == count, into);
        if (into.isEmpty()) {
            return false;
        }
        into.finish(place.bytes, place.clusteringAt, length);
        unused.clear();
        return true;
    }

    private void merge(RowCursor[] of, int count, boolean isStatic, boolean mayBeAlone, RowOutput into) {
        try {
            rows.merge(of, 0, count, isStatic, all.activeAt, all.activeTime, mayBeAlone, into);
        } catch (MalformedException | IndexOutOfBoundsException e) {
            throw PartitionMerge.blame(of, 0, count, e);
        }
    }

    private boolean differ() {
        return !Arrays.equals(before.bytes, before.start, before.end, after.bytes, after.start, after.end);
    }

    private void markers(RowCursor[] cursors, int from, int count, @Nullable RowCursor change) {
        RowCursor place = cursors[from + count - 1];
        boolean closes = all.mergedAt != RowFormat.NO_TIMESTAMP;
        boolean changed = all.pass(cursors, from, count);
        int others = 0;
        for (int i = from; i < from + count; i++) {
            if (cursors[i] == change) {
                changeOpenAt = change.openDeletedAt;
                changeOpenTime = change.openDeletionTime;
            } else {
                picked[others++] = cursors[i];
            }
        }
        if (others > 0) {
            below.pass(picked, 0, others);
        }
        if (change != null) {
            boolean stronger = changeOpenAt != RowFormat.NO_TIMESTAMP
                    && Reconciliation.deletionSupersedes(
                            changeOpenAt, changeOpenTime, below.activeAt, below.activeTime);
            kept.open(
                    place,
                    stronger ? changeOpenAt : RowFormat.NO_TIMESTAMP,
                    stronger ? changeOpenTime : RowFormat.NO_DELETION_TIME);
        }
        if (changed) {
            boolean opens = all.mergedAt != RowFormat.NO_TIMESTAMP;
            beginMerged(place);
            merged.marker(
                    ReducedOutput.markerKind(place.kind, closes, opens),
                    place.bytes,
                    place.clusteringAt,
                    place.clusteringEnd - place.clusteringAt,
                    place.values,
                    all.mergedAt,
                    opens ? all.mergedTime : RowFormat.NO_DELETION_TIME);
        }
    }

    private void beginMerged(RowCursor of) {
        if (!mergedBegun) {
            mergedBegun = true;
            merged.begin(of.key, of.keyLength, of.token, mergedDeletedAt, mergedDeletionTime);
        }
    }
}
