package dev.hindsight.oracle;

import com.clearspring.analytics.stream.cardinality.CardinalityMergeException;
import com.clearspring.analytics.stream.cardinality.ICardinality;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges fetched inputs into the groups' SSTables. One thread, one use. */
final class Merge {
    private static final Logger LOG = LoggerFactory.getLogger(Merge.class);

    private final SynthesisRequest request;
    private final TableMetadata target;
    private final List<OpenInput> inputs;
    private final Scratch scratch;
    private final SynthesisProgress progress;

    Merge(
            SynthesisRequest request,
            TableMetadata target,
            List<OpenInput> inputs,
            Scratch scratch,
            SynthesisProgress progress) {
        this.request = request;
        this.target = target;
        this.inputs = inputs;
        this.scratch = scratch;
        this.progress = progress;
    }

    /** The result without what was fetched. */
    SynthesisResult run() {
        if (!surelyLate()) {
            try {
                return run("nb");
            } catch (MergeCounts.NeedsLongExpiry e) {
                LOG.info("starting again with version oa: {}", e.getMessage());
            }
        }
        return run("oa");
    }

    /** Whether an input says by itself that it holds an expiry that nb cannot hold. */
    private boolean surelyLate() {
        return inputs.stream()
                .map(input -> input.stats().maxLocalDeletionTime)
                .anyMatch(max -> max != Cell.NO_DELETION_TIME && max > MergeCounts.LAST_NB_DELETION_TIME);
    }

    private SynthesisResult run(String version) {
        OutputAccount account = new OutputAccount(scratch, request.outputDirectory(), progress);
        int[] nextId = {request.firstSSTableId()};
        GroupOutput.Settings settings = new GroupOutput.Settings(
                target,
                header(),
                version,
                request.outputDirectory(),
                request.maxSSTableBytes(),
                () -> nextId[0]++,
                account);
        MergeCounts counts = new MergeCounts(request.nowEpochSeconds(), version.equals("nb"), wanted());
        GroupOutputs outputs = new GroupOutputs(request.groups(), settings, this::keysPerSSTable);
        boolean done = false;
        try (outputs;
                PartitionPipeline pipeline = new PartitionPipeline(inputs, request, counts)) {
            while (pipeline.hasNext()) {
                try (UnfilteredRowIterator partition = pipeline.next()) {
                    outputs.append(partition, pipeline);
                }
            }
            List<OutputSSTable> written = outputs.finish();
            done = true;
            return new SynthesisResult(
                    written,
                    counts.partitions(),
                    counts.rows(),
                    counts.tombstones(),
                    0,
                    0,
                    Math.round(inputs.stream()
                            .mapToDouble(input -> input.fetched().storedBytes())
                            .sum()),
                    wantedBytes(),
                    counts.expiry(),
                    0,
                    0);
        } finally {
            if (!done) {
                outputs.discard();
                account.giveBack();
            }
        }
    }

    private TokenRanges wanted() {
        TokenRanges all = TokenRanges.NONE;
        for (OutputGroup group : request.groups()) {
            all = all.union(group.ranges());
        }
        return all;
    }

    /**
     * As Cassandra's compaction makes it: the real minima of all inputs, so that deltas are short, and the columns that any
     * of them has. Dropped columns are left out, since their cells were.
     */
    private SerializationHeader header() {
        EncodingStats.Collector minima = new EncodingStats.Collector();
        RegularAndStaticColumns.Builder columns = RegularAndStaticColumns.builder();
        for (OpenInput input : inputs) {
            StatsMetadata stats = input.stats();
            minima.updateTimestamp(stats.minTimestamp);
            minima.updateLocalDeletionTime(stats.minLocalDeletionTime);
            minima.updateTTL(stats.minTTL);
            for (ColumnMetadata column : input.header().columns()) {
                ColumnMetadata now = target.getColumn(column.name);
                if (now != null && now.isStatic() == column.isStatic()) {
                    columns.add(now);
                }
            }
        }
        return new SerializationHeader(true, target, columns.build(), minima.get());
    }

    private long wantedBytes() {
        return inputs.stream()
                .flatMap(input -> input.fetched().sections().stream())
                .mapToLong(section -> section.end() - section.start())
                .sum();
    }

    /**
     * How many partitions an SSTable of a group will have, roughly: the wanted keys of all inputs, less what their
     * cardinality estimators say is common to them, by the group's share of the tokens and the limit of size.
     */
    private long keysPerSSTable(TokenRanges ranges) {
        long total = 0;
        long wanted = 0;
        double bytes = 0;
        List<ICardinality> estimators = new ArrayList<>();
        TokenRanges all = TokenRanges.NONE;
        for (OpenInput input : inputs) {
            total += input.fetched().partitions();
            wanted += input.fetched().wantedPartitions();
            bytes += input.fetched().storedBytes();
            all = all.union(input.input().ranges());
            if (input.cardinality() != null) {
                estimators.add(input.cardinality());
            }
        }
        if (total == 0) {
            return 1;
        }
        double distinct = 1;
        if (estimators.size() == inputs.size()) {
            try {
                ICardinality merged = estimators
                        .get(0)
                        .merge(estimators.subList(1, estimators.size()).toArray(new ICardinality[0]));
                distinct = Math.min(1, (double) merged.cardinality() / total);
            } catch (CardinalityMergeException e) {
                // Estimators of different kinds: then nothing is taken to be common.
                distinct = 1;
            }
        }
        double share = Math.min(1, all.intersect(ranges).fraction() / Math.max(all.fraction(), Double.MIN_NORMAL));
        double perSSTable = Math.min(1, request.maxSSTableBytes() / Math.max(1, bytes * distinct * share));
        return (long) Math.ceil(wanted * distinct * share * perSSTable);
    }
}
