package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.merge.MergeCounts;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Updates of neighbouring partitions in memory, as a few lanes that one merge reads: run i of each partition goes to lane i.
 * A partition of more runs than there are lanes is merged in rounds before, so that each of its bytes is merged as often as
 * a tree of that many branches is high. One thread.
 */
final class Batch {
    private final UpdateReader reader;
    private final int mostLanes;
    private final Arena arena;
    private final byte[] emptyStaticRow;
    private final RowLayout early;
    private final RowLayout usual;

    /** How partition heads are coded here. */
    private RowLayout layout;

    private final List<Pieces> lanes = new ArrayList<>();
    private List<Run> runs = new ArrayList<>();
    private final List<Run> spare = new ArrayList<>();

    private byte[] key = new byte[0];
    private boolean inPartition;

    /** The latest expiry or deletion time of all; decides whether nb can hold it. */
    private long latest;

    private boolean empty;

    Batch(UpdateReader reader, int arenaBytes, int mostLanes) {
        this.reader = reader;
        this.mostLanes = mostLanes;
        this.arena = new Arena(arenaBytes);
        this.emptyStaticRow = reader.layout.statics().size() > 0 ? reader.emptyStaticRow() : new byte[0];
        RowLayout of = reader.layout;
        this.usual = new RowLayout(
                of.header().base(), of.header().keyType(), of.clusterings(), of.statics(), of.regulars(), true);
        this.early = new RowLayout(
                of.header().base(), of.header().keyType(), of.clusterings(), of.statics(), of.regulars(), false);
        this.layout = usual;
    }

    void clear() {
        arena.clear();
        lanes.forEach(Pieces::clear);
        latest = Long.MIN_VALUE;
        layout = usual;
        empty = true;
        inPartition = false;
    }

    /** Makes room for partitions that were deleted before 1970, to be called when empty; later than 2038 is then too late. */
    void takeEarlyDeletions() {
        layout = early;
    }

    boolean isEmpty() {
        return empty;
    }

    int bytes() {
        return arena.length;
    }

    long latest() {
        return latest;
    }

    /** Whether partitions may have been deleted before 1970, which versions since oa cannot hold. */
    boolean takesEarlyDeletions() {
        return layout == early;
    }

    /** Of the partition that was added to last. */
    byte[] key() {
        return key;
    }

    boolean isAt(Update update) {
        return inPartition
                && Arrays.equals(key, 0, key.length, update.bytes, update.keyAt, update.keyAt + update.keyLength);
    }

    /** Adds what the reader has just read, which is not empty; partitions come in their order. */
    void add(Update update) {
        if (!isAt(update)) {
            endPartition();
            key = Arrays.copyOfRange(update.bytes, update.keyAt, update.keyAt + update.keyLength);
            inPartition = true;
        }
        empty = false;
        latest = Math.max(latest, reader.latest);
        Run run = runFor();
        if (reader.hasBody()) {
            int from = arena.length;
            // Position 0 of the reader's arena is an end marker, so what is at n there comes to from + n - 1.
            arena.append(reader.body.bytes, 1, reader.body.length - 1);
            run.pieces.add(from, arena.length);
            run.lastKind = reader.lastKind;
            run.lastValues = reader.lastValues;
            run.lastAt = from + reader.lastAt - 1;
        }
    }

    /** One that the reader's rows may go behind, or a new one. */
    private Run runFor() {
        boolean bodyAlone = reader.deletedAt == RowFormat.NO_TIMESTAMP && !reader.hasStaticRow();
        if (bodyAlone) {
            // Runs end the earlier the younger they are, mostly: the first that fits is the one that ends last.
            int low = 0;
            int high = runs.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isBehind(runs.get(middle))) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            if (low < runs.size()) {
                return runs.get(low);
            }
        }
        Run run = spare.isEmpty() ? new Run() : spare.remove(spare.size() - 1);
        run.clear();
        int from = arena.length;
        head();
        run.pieces.add(from, arena.length);
        runs.add(run);
        return run;
    }

    private boolean isBehind(Run run) {
        return !run.closed
                && (run.lastKind == MutationDecoder.NONE
                        || reader.layout
                                        .clusterings()
                                        .compare(
                                                run.lastKind,
                                                arena.bytes,
                                                run.lastAt,
                                                run.lastValues,
                                                reader.firstKind,
                                                reader.body.bytes,
                                                reader.firstAt,
                                                reader.firstValues)
                                < 0);
    }

    private void head() {
        byte[] numbers = new byte[12];
        VInts.putShort2(numbers, 0, key.length);
        arena.append(numbers, 0, 2);
        arena.append(key, 0, key.length);
        boolean deleted = reader.deletedAt != RowFormat.NO_TIMESTAMP;
        if (!layout.hasUnsignedDeletionTimes()) {
            VInts.putInt4(numbers, 0, deleted ? (int) reader.deletionTime : Integer.MAX_VALUE);
            VInts.putLong8(numbers, 4, reader.deletedAt);
            arena.append(numbers, 0, 12);
        } else if (deleted) {
            VInts.putLong8(numbers, 0, reader.deletedAt);
            VInts.putInt4(numbers, 8, (int) reader.deletionTime);
            arena.append(numbers, 0, 12);
        } else {
            arena.append(0x80);
        }
        if (reader.layout.statics().size() > 0) {
            if (reader.hasStaticRow()) {
                arena.append(reader.staticRow.bytes, 1, reader.staticRow.length - 1);
            } else {
                arena.append(emptyStaticRow, 0, emptyStaticRow.length);
            }
        }
    }

    private void endPartition() {
        if (!inPartition) {
            return;
        }
        inPartition = false;
        runs.forEach(this::end);
        while (runs.size() > mostLanes) {
            reduce();
        }
        while (lanes.size() < runs.size()) {
            lanes.add(new Pieces());
        }
        for (int i = 0; i < runs.size(); i++) {
            lanes.get(i).addAll(runs.get(i).pieces);
        }
        spare.addAll(runs);
        runs.clear();
    }

    private void end(Run run) {
        if (run.pieces.end() == arena.length) {
            arena.append(RowFormat.END_OF_PARTITION);
            run.pieces.add(arena.length - 1, arena.length);
        } else {
            run.pieces.add(Arena.END, Arena.END + 1);
        }
    }

    /** Merges neighbouring runs, as many at a time as there are lanes. */
    private void reduce() {
        List<Run> reduced = new ArrayList<>();
        for (int from = 0; from < runs.size(); from += mostLanes) {
            List<Run> group = runs.subList(from, Math.min(runs.size(), from + mostLanes));
            if (group.size() == 1) {
                reduced.add(group.get(0));
                continue;
            }
            int start = arena.length;
            merge(group.stream().map(run -> run.pieces).toList(), layout, new ArenaSink(arena));
            Run merged = new Run();
            merged.clear();
            merged.closed = true;
            merged.pieces.add(start, arena.length);
            reduced.add(merged);
        }
        runs = reduced;
    }

    /** Merges all into the sink; afterwards the batch is only to be cleared. */
    MergeCounts mergeInto(RowLayout output, PartitionSink sink) {
        endPartition();
        return merge(lanes.stream().filter(lane -> lane.size() > 0).toList(), output, sink);
    }

    /** Over the first lane: all of a batch of one update. Nothing is added afterwards. */
    RowCursor cursor(int index) {
        endPartition();
        return new RowCursor(index, layout, new Lane(arena.bytes, lanes.get(0)), TokenRanges.FULL);
    }

    private MergeCounts merge(List<Pieces> inputs, RowLayout output, PartitionSink sink) {
        List<RowCursor> cursors = new ArrayList<>();
        for (Pieces input : inputs) {
            cursors.add(new RowCursor(cursors.size(), layout, new Lane(arena.bytes, input), TokenRanges.FULL));
        }
        // Cells of dropped columns were left out when the updates were read.
        return new PartitionMerge(
                        cursors,
                        output,
                        Map.of(),
                        new PurgePolicy.KeepTombstones(),
                        new TtlPolicy.Keep(),
                        0,
                        TokenRanges.FULL,
                        sink)
                .run();
    }
}
