package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.ContentTap;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.List;

/** Shows a tap the merged content of SSTables, without writing anything. */
public final class ContentScan {
    private ContentScan() {}

    /**
     * Runs on the calling thread; what is fetched is removed from scratch before this returns or throws.
     *
     * @param nowEpochSeconds that of the merge that wrote the inputs, so that no more has expired than had then
     * @throws CorruptInputException an input is damaged; names it
     */
    public static void run(
            TableDefinition table, List<InputSSTable> inputs, long nowEpochSeconds, ContentTap tap, Scratch scratch) {
        TableSchema schema = CursorSynthesiser.schema(table);
        try (FetchedInputs fetched = FetchedInputs.fetch(inputs, scratch, SynthesisProgress.NONE)) {
            // Deletion times as oa has them hold whatever any version can.
            RowLayout layout = new RowLayout(OutputHeader.of(fetched.inputs(), schema), true);
            run(schema, fetched, nowEpochSeconds, layout, tap);
        }
    }

    /**
     * The same, coded as the caller wants it.
     *
     * @param layout of deletion times as oa has them
     */
    public static void run(
            TableDefinition table,
            List<InputSSTable> inputs,
            long nowEpochSeconds,
            RowLayout layout,
            ContentTap tap,
            Scratch scratch) {
        try (FetchedInputs fetched = FetchedInputs.fetch(inputs, scratch, SynthesisProgress.NONE)) {
            run(CursorSynthesiser.schema(table), fetched, nowEpochSeconds, layout, tap);
        }
    }

    private static void run(
            TableSchema schema, FetchedInputs fetched, long nowEpochSeconds, RowLayout layout, ContentTap tap) {
        List<RowCursor> cursors = Cursors.over(fetched, 0);
        try {
            new PartitionMerge(
                            cursors,
                            layout,
                            schema.dropped(),
                            new PurgePolicy.KeepTombstones(),
                            new TtlPolicy.Keep(),
                            nowEpochSeconds,
                            TokenRanges.FULL,
                            tap.over(new Nowhere(), layout))
                    .run();
        } catch (DamagedInput e) {
            throw Cursors.named(fetched.inputs().get(e.input()), e);
        }
        tap.end();
    }

    /** Writes nothing. */
    private static final class Nowhere implements PartitionSink {
        @Override
        public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {}

        @Override
        public void append(byte[] bytes, int offset, int length) {}

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
}
