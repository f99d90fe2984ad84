package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.codec.sstable.write.CompressionOptions;
import dev.hindsight.codec.sstable.write.LongExpiryException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.ContentTap;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.MergeCounts;
import dev.hindsight.synthesis.merge.NeedsLongExpiry;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges fetched inputs into the groups' SSTables. One thread, one use. */
final class MergeTask {
    private static final Logger LOG = LoggerFactory.getLogger(MergeTask.class);

    private final SynthesisRequest request;
    private final TableSchema source;
    private final TableSchema target;
    private final FetchedInputs fetched;
    private final Scratch scratch;
    private final SynthesisProgress progress;

    MergeTask(
            SynthesisRequest request,
            TableSchema source,
            TableSchema target,
            FetchedInputs fetched,
            Scratch scratch,
            SynthesisProgress progress) {
        if (!shape(source).equals(shape(target))) {
            throw new IllegalArgumentException("source and target table differ in more than their names: "
                    + shape(source) + " and " + shape(target));
        }
        this.request = request;
        this.source = source;
        this.target = target;
        this.fetched = fetched;
        this.scratch = scratch;
        this.progress = progress;
    }

    /** Names, kinds, places and lengths; a user type may be of another keyspace. */
    private static List<String> shape(TableSchema table) {
        List<String> out = new ArrayList<>();
        for (List<ColumnSchema> columns :
                List.of(table.partitionKey(), table.clustering(), table.statics(), table.regulars())) {
            for (ColumnSchema column : columns) {
                out.add(column.name() + " " + column.kind() + " " + column.position()
                        + (column.type().isReversed() ? " DESC" : "")
                        + (column.type().isMultiCell() ? " complex" : "")
                        + (column.type().isCounter() ? " counter" : "")
                        + " " + column.type().fixedLength());
            }
        }
        return out;
    }

    /** The result without what was fetched. */
    SynthesisResult run() {
        if (!surelyLate()) {
            try {
                return run(SSTableVersion.NB);
            } catch (NeedsLongExpiry | LongExpiryException e) {
                LOG.info("starting again with version oa: {}", e.getMessage());
            }
        }
        return run(SSTableVersion.OA);
    }

    /** Whether an input says by itself that it holds an expiry that nb cannot hold. */
    private boolean surelyLate() {
        return fetched.inputs().stream()
                .mapToLong(input -> input.statistics().contents().maxLocalDeletionTime())
                .anyMatch(max -> max != PartitionStatistics.NO_DELETION_TIME && max > RowFormat.MAX_NB_DELETION_TIME);
    }

    private SynthesisResult run(SSTableVersion version) {
        OutputAccount account = new OutputAccount(scratch, request.outputDirectory(), progress);
        RowLayout layout = new RowLayout(OutputHeader.of(fetched.inputs(), target), version.isSinceFive());
        int[] nextId = {request.firstSSTableId()};
        GroupWriter.Settings settings = new GroupWriter.Settings(
                request.outputDirectory(),
                version,
                layout.header(),
                CompressionOptions.of(target.compression()),
                target.bloomFilterFpChance(),
                target.minIndexInterval(),
                request.maxSSTableBytes(),
                () -> nextId[0]++,
                account);
        KeyEstimate keys = KeyEstimate.of(fetched.inputs(), request.maxSSTableBytes());
        boolean done = false;
        GroupWriters writers = new GroupWriters(request.groups(), settings, keys);
        try (writers) {
            MergeCounts counts = merge(
                    layout, request.tap().map(tap -> tap.over(writers, layout)).orElse(writers));
            List<OutputSSTable> written = writers.finish();
            request.tap().ifPresent(ContentTap::end);
            done = true;
            return new SynthesisResult(
                    written,
                    counts.partitions(),
                    counts.rows(),
                    counts.tombstones(),
                    0,
                    0,
                    fetched.dataBytesOwned(),
                    wantedBytes(),
                    counts.expiry(),
                    0,
                    0);
        } finally {
            if (!done) {
                writers.discard();
                account.giveBack();
            }
        }
    }

    private MergeCounts merge(RowLayout layout, PartitionSink writers) {
        List<RowCursor> cursors = new ArrayList<>();
        int windowBytes = fetched.windowBytes();
        StoredBytes room = new StoredBytes();
        for (FetchedInput input : fetched.inputs()) {
            try {
                cursors.add(new RowCursor(
                        cursors.size(),
                        new RowLayout(input.header(), input.version().isSinceFive()),
                        input.window(windowBytes, room),
                        input.input().ranges()));
            } catch (MalformedException e) {
                throw CorruptInputException.of(input.input(), e);
            }
        }
        try {
            return new PartitionMerge(
                            cursors,
                            layout,
                            source.dropped(),
                            request.purge(),
                            request.ttl(),
                            request.nowEpochSeconds(),
                            wanted(),
                            writers)
                    .run();
        } catch (DamagedInput e) {
            InputSSTable input = fetched.inputs().get(e.input()).input();
            throw new CorruptInputException(
                    input.origin(), input.descriptor(), String.valueOf(e.getMessage()), e.getCause());
        }
    }

    private TokenRanges wanted() {
        TokenRanges all = TokenRanges.NONE;
        for (OutputGroup group : request.groups()) {
            all = all.union(group.ranges());
        }
        return all;
    }

    private long wantedBytes() {
        return fetched.inputs().stream()
                .flatMap(input -> input.sections().stream())
                .mapToLong(section -> section.end() - section.start())
                .sum();
    }
}
