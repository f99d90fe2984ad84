package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.DecodedStatistics.TombstoneBin;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** What a local SSTable says of itself, as text for people: one fact a line, named as {@code sstablemetadata} does. */
public final class SSTableDescription {
    private static final String NONE = "--";

    private final StringBuilder out = new StringBuilder();

    private SSTableDescription() {}

    /**
     * @param dataFile the Data.db, with Statistics.db beside it
     * @throws UsageException there is no such SSTable, or it cannot be understood
     * @throws dev.hindsight.model.failure.UnsupportedException its version is refused by name
     */
    public static String of(TableName table, Path dataFile) {
        String name = dataFile.getFileName().toString();
        String descriptor = name.endsWith("-" + Components.DATA)
                ? name.substring(0, name.length() - Components.DATA.length() - 1)
                : name;
        SSTableVersion version =
                SSTableVersion.find(descriptor).orElseThrow(() -> SSTableVersion.unsupported(dataFile.toString()));
        Path file = dataFile.resolveSibling(descriptor + "-" + Components.STATISTICS);
        try {
            if (Files.size(file) > StatisticsReader.MAX_FILE_BYTES) {
                throw new MalformedException(file + " has " + Files.size(file) + " bytes");
            }
            SSTableDescription description = new SSTableDescription();
            description.fact("SSTable", descriptor);
            description.fact("Table", table);
            description.describe(StatisticsReader.read(Files.readAllBytes(file), version));
            return description.out.toString();
        } catch (IOException | MalformedException e) {
            throw new UsageException(
                    dataFile + " cannot be described: " + e.getMessage(),
                    "give the -Data.db file of an SSTable whose other components lie beside it");
        }
    }

    private void describe(DecodedStatistics statistics) {
        DecodedStatistics.Contents contents = statistics.contents();
        fact("Partitioner", statistics.partitioner());
        fact("Bloom filter FP chance", statistics.bloomFilterFpChance());
        fact("Minimum timestamp", contents.minTimestamp());
        fact("Maximum timestamp", contents.maxTimestamp());
        fact("SSTable min local deletion time", deletionTime(contents.minLocalDeletionTime()));
        fact("SSTable max local deletion time", deletionTime(contents.maxLocalDeletionTime()));
        fact("TTL min", contents.minTtl());
        fact("TTL max", contents.maxTtl());
        fact("Compression ratio", contents.compressionRatio());
        fact("First token", token(contents.firstKey()));
        fact("Last token", token(contents.lastKey()));
        fact("SSTable Level", contents.level());
        fact("Repaired at", contents.repairedAt());
        fact("Pending repair", orNone(contents.pendingRepair()));
        fact("IsTransient", contents.isTransient());
        fact("Originating host id", orNone(contents.originatingHost()));
        fact("Commit log intervals", orNone(contents.commitLogIntervals()));
        fact(
                "Estimated tombstones",
                contents.tombstones().stream().mapToLong(TombstoneBin::count).sum());
        fact("Partition level deletions", contents.partitionLevelDeletions());
        fact("Partitions", contents.partitions());
        fact("Rows", contents.rows());
        fact("Columns set", contents.columnsSet());
        fact("EncodingStats", statistics.header().base());
        fact("KeyType", statistics.header().keyType());
        fact("ClusteringTypes", statistics.header().clusteringTypes());
        statistics.header().statics().forEach(column -> fact("StaticColumn " + column.name(), column.type()));
        statistics.header().regulars().forEach(column -> fact("RegularColumn " + column.name(), column.type()));
    }

    private static Object deletionTime(long seconds) {
        return seconds == PartitionStatistics.NO_DELETION_TIME ? "no tombstones" : seconds;
    }

    private static Object token(Optional<ByteString> key) {
        return key.isEmpty() ? NONE : Tokens.of(key.get().toByteArray());
    }

    private static Object orNone(Optional<?> value) {
        return value.isPresent() ? value.get() : NONE;
    }

    private static Object orNone(Collection<?> values) {
        return values.isEmpty() ? NONE : values;
    }

    private void fact(String name, Object value) {
        out.append(name).append(": ").append(value).append('\n');
    }
}
