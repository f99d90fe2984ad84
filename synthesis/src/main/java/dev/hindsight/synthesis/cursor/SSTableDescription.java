package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a local SSTable's Statistics.db says, one fact a line, named as {@code sstablemetadata} names it. */
final class SSTableDescription {
    private SSTableDescription() {}

    static String of(TableSchema table, Path dataFile) {
        String name = String.valueOf(dataFile.getFileName());
        String suffix = "-" + Components.DATA;
        String descriptor = name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
        DecodedStatistics statistics;
        try {
            SSTableVersion version = SSTableVersion.find(descriptor)
                    .orElseThrow(() -> unusable(dataFile, "its name has no version and format that can be read", null));
            Path file = dataFile.resolveSibling(descriptor + "-" + Components.STATISTICS);
            if (Files.size(file) > StatisticsReader.MAX_FILE_BYTES) {
                throw unusable(dataFile, Components.STATISTICS + " is too large", null);
            }
            statistics = StatisticsReader.read(Files.readAllBytes(file), version);
        } catch (IOException | MalformedException e) {
            throw unusable(dataFile, String.valueOf(e.getMessage()), e);
        }
        return text(table, descriptor, statistics);
    }

    private static UsageException unusable(Path dataFile, String why, @Nullable Throwable cause) {
        UsageException failure = new UsageException(
                dataFile + " cannot be described: " + why,
                "give the -Data.db file of an SSTable whose other components lie beside it");
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    private static String text(TableSchema table, String descriptor, DecodedStatistics statistics) {
        DecodedStatistics.Contents stats = statistics.contents();
        StringBuilder out = new StringBuilder();
        fact(out, "SSTable", descriptor);
        fact(out, "Table", table.keyspace() + "." + table.table());
        fact(out, "Partitioner", statistics.partitioner());
        fact(out, "Bloom filter FP chance", statistics.bloomFilterFpChance());
        fact(out, "Minimum timestamp", stats.minTimestamp());
        fact(out, "Maximum timestamp", stats.maxTimestamp());
        fact(out, "SSTable min local deletion time", stats.minLocalDeletionTime());
        fact(out, "SSTable max local deletion time", stats.maxLocalDeletionTime());
        fact(out, "TTL min", stats.minTtl());
        fact(out, "TTL max", stats.maxTtl());
        fact(out, "Compression ratio", stats.compressionRatio());
        fact(out, "SSTable Level", stats.level());
        fact(out, "Repaired at", stats.repairedAt());
        fact(out, "Pending repair", orNone(stats.pendingRepair()));
        fact(out, "IsTransient", stats.isTransient());
        fact(out, "Originating host id", orNone(stats.originatingHost()));
        fact(out, "Commit log intervals", stats.commitLogIntervals().isEmpty() ? "--" : stats.commitLogIntervals());
        fact(out, "Partitions", stats.partitions());
        fact(out, "Rows", stats.rows());
        fact(out, "Columns set", stats.columnsSet());
        fact(
                out,
                "EncodingStats",
                "EncodingStats(ts=" + statistics.header().base().minTimestamp() + ", ldt="
                        + statistics.header().base().minLocalDeletionTime() + ", ttl="
                        + statistics.header().base().minTtl() + ")");
        fact(out, "KeyType", statistics.header().keyType());
        fact(out, "ClusteringTypes", statistics.header().clusteringTypes());
        return out.toString();
    }

    private static Object orNone(Optional<?> value) {
        return value.isPresent() ? value.get() : "--";
    }

    private static void fact(StringBuilder out, String name, Object value) {
        out.append(name).append(": ").append(value).append('\n');
    }
}
