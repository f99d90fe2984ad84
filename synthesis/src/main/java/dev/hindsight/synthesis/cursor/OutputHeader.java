package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.synthesis.fetch.FetchedInput;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The header of what is merged from some inputs. */
final class OutputHeader {
    private OutputHeader() {}

    /**
     * As Cassandra's compaction makes it: the real minima of all inputs, so that deltas are short, and the columns that any
     * of them has. Dropped columns are left out, since their cells were.
     */
    static RowHeader of(List<FetchedInput> inputs, TableSchema table) {
        long timestamp = Long.MAX_VALUE;
        long deletionTime = PartitionStatistics.NO_DELETION_TIME;
        int ttl = Integer.MAX_VALUE;
        Set<String> statics = new HashSet<>();
        Set<String> regulars = new HashSet<>();
        for (FetchedInput input : inputs) {
            DecodedStatistics.Contents stats = input.statistics().contents();
            timestamp = Math.min(timestamp, stats.minTimestamp());
            deletionTime = Math.min(deletionTime, stats.minLocalDeletionTime());
            ttl = Math.min(ttl, stats.minTtl());
            input.header().statics().forEach(column -> statics.add(column.name()));
            input.header().regulars().forEach(column -> regulars.add(column.name()));
        }
        boolean none = inputs.isEmpty();
        return new RowHeader(
                new EncodingBase(
                        none || timestamp == RowFormat.NO_TIMESTAMP ? EncodingBase.TIMESTAMP_EPOCH : timestamp,
                        deletionTime == PartitionStatistics.NO_DELETION_TIME
                                ? EncodingBase.DELETION_TIME_EPOCH
                                : deletionTime,
                        none ? 0 : ttl),
                table.partitionKeyType(),
                table.clustering().stream().map(ColumnSchema::type).toList(),
                occurring(table.statics(), statics),
                occurring(table.regulars(), regulars));
    }

    private static List<ColumnSchema> occurring(List<ColumnSchema> columns, Set<String> names) {
        return columns.stream().filter(column -> names.contains(column.name())).toList();
    }
}
