package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.read.IndexCheck;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.DataDigest;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;

/** Looks at single SSTables: whether one is whole, and what one says of itself. */
final class SSTableInspector {
    private SSTableInspector() {}

    static Inspection inspect(TableMetadata table, InputSSTable input, Scratch scratch) {
        InputSSTable whole = new InputSSTable(input.origin(), input.descriptor(), input.components(), TokenRanges.FULL);
        try {
            DataDigest.verify(whole);
            try (FetchedInputs fetched = FetchedInputs.fetch(List.of(whole), scratch, SynthesisProgress.NONE)) {
                List<OpenInput> open = InputFetcher.open(fetched, table);
                if (open.isEmpty()) {
                    throw Damage.of(input, "there is no partition in it");
                }
                try (OpenInput only = open.get(0)) {
                    return read(only);
                }
            }
        } catch (RuntimeException | Error e) {
            throw Damage.wrap(input, "inspecting", e);
        }
    }

    private static Inspection read(OpenInput open) {
        long partitions = 0;
        long rows = 0;
        long first = 0;
        long last = 0;
        IndexCheck index = new IndexCheck(open.fetched().openIndex());
        try (InputScanner scanner = new InputScanner(open)) {
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    last = (Long) partition.partitionKey().getToken().getTokenValue();
                    index.partition(last, scanner.partitionStart());
                    first = partitions == 0 ? last : first;
                    partitions++;
                    while (partition.hasNext()) {
                        rows += partition.next().isRow() ? 1 : 0;
                    }
                }
            }
        }
        index.end();
        if (partitions != open.fetched().partitions()) {
            throw Damage.of(
                    open.input(),
                    "its data has " + partitions + " partitions but its statistics "
                            + open.fetched().partitions());
        }
        return new Inspection(open.input().descriptor(), partitions, rows, first, last);
    }

    static String describe(TableMetadata table, Path dataFile) {
        Descriptor descriptor;
        StatsComponent component;
        try {
            descriptor = Descriptor.fromFileWithComponent(new File(dataFile), table.keyspace, table.name).left;
            component = StatsComponent.load(descriptor);
        } catch (IOException | RuntimeException e) {
            throw new UsageException(
                    dataFile + " cannot be described: " + e.getMessage(),
                    "give the -Data.db file of an SSTable whose other components lie beside it");
        }
        StatsMetadata stats = component.statsMetadata();
        StringBuilder out = new StringBuilder();
        fact(out, "SSTable", descriptor.baseFile().name());
        fact(out, "Table", table.toString());
        fact(out, "Partitioner", component.validationMetadata().partitioner);
        fact(out, "Bloom filter FP chance", component.validationMetadata().bloomFilterFPChance);
        fact(out, "Minimum timestamp", stats.minTimestamp);
        fact(out, "Maximum timestamp", stats.maxTimestamp);
        fact(out, "SSTable min local deletion time", stats.minLocalDeletionTime);
        fact(out, "SSTable max local deletion time", stats.maxLocalDeletionTime);
        fact(out, "TTL min", stats.minTTL);
        fact(out, "TTL max", stats.maxTTL);
        fact(out, "Compression ratio", stats.compressionRatio);
        fact(out, "SSTable Level", stats.sstableLevel);
        fact(out, "Repaired at", stats.repairedAt);
        fact(out, "Pending repair", stats.pendingRepair == null ? "--" : stats.pendingRepair);
        fact(out, "IsTransient", stats.isTransient);
        fact(out, "Originating host id", stats.originatingHostId == null ? "--" : stats.originatingHostId);
        fact(out, "Commit log intervals", stats.commitLogIntervals.isEmpty() ? "--" : stats.commitLogIntervals);
        fact(out, "Partitions", stats.estimatedPartitionSize.count());
        fact(out, "Rows", stats.totalRows);
        fact(out, "Columns set", stats.totalColumnsSet);
        fact(out, "EncodingStats", component.serializationHeader().getEncodingStats());
        fact(out, "KeyType", component.serializationHeader().getKeyType());
        fact(out, "ClusteringTypes", component.serializationHeader().getClusteringTypes());
        return out.toString();
    }

    private static void fact(StringBuilder out, String name, Object value) {
        out.append(name).append(": ").append(value).append('\n');
    }
}
