package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;

/** Looks at single SSTables: whether one is whole, and what one says of itself. */
final class SSTableInspector {
    /** A Digest.crc32 holds one decimal number. */
    private static final int DIGEST_LIMIT = 64;

    private SSTableInspector() {}

    static Inspection inspect(TableMetadata table, InputSSTable input, Scratch scratch) {
        FetchMeter meter = new FetchMeter(SynthesisProgress.NONE);
        InputSSTable whole = new InputSSTable(input.origin(), input.descriptor(), input.components(), TokenRanges.FULL);
        try {
            digest(whole, meter);
            try (OpenInput open = new InputFetcher(table, scratch, meter).fetch(whole)) {
                if (open == null) {
                    throw Damage.of(input, "there is no partition in it");
                }
                return read(open);
            }
        } catch (RuntimeException | Error e) {
            throw Damage.wrap(input, "inspecting", e);
        }
    }

    /** Data.db against Digest.crc32, where there is one. */
    private static void digest(InputSSTable input, FetchMeter meter) {
        if (!input.components().containsKey(Components.DIGEST)) {
            return;
        }
        byte[] stored = new SourceComponent(input, Components.DIGEST, meter).readWhole(DIGEST_LIMIT);
        SourceComponent data = new SourceComponent(input, Components.DATA, meter);
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[SourceComponent.READ_BYTES];
        for (long at = 0; at < data.sizeBytes(); ) {
            int count = (int) Math.min(buffer.length, data.sizeBytes() - at);
            data.read(at, buffer, 0, count);
            crc.update(buffer, 0, count);
            at += count;
        }
        String expected = new String(stored, StandardCharsets.US_ASCII).trim();
        if (!expected.equals(Long.toString(crc.getValue()))) {
            throw Damage.of(
                    input,
                    Components.DATA + ": CRC32 of the whole file is " + crc.getValue() + " but " + Components.DIGEST
                            + " says '" + expected + "'");
        }
    }

    private static Inspection read(OpenInput open) {
        long partitions = 0;
        long rows = 0;
        long first = 0;
        long last = 0;
        try (InputScanner scanner = new InputScanner(open)) {
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    last = (Long) partition.partitionKey().getToken().getTokenValue();
                    first = partitions == 0 ? last : first;
                    partitions++;
                    while (partition.hasNext()) {
                        rows += partition.next().isRow() ? 1 : 0;
                    }
                }
            }
        }
        if (partitions != open.index().totalKeys()) {
            throw Damage.of(
                    open.input(),
                    "its data has " + partitions + " partitions but its index "
                            + open.index().totalKeys());
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
