package dev.hindsight.oracle;

import com.clearspring.analytics.stream.cardinality.ICardinality;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.sstable.metadata.ValidationMetadata;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.DroppedColumn;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What an input's Statistics.db says. The file carries checksums of its own (since {@code na}), which Cassandra's reader
 * verifies.
 */
record InputStatistics(
        StatsMetadata stats,
        SerializationHeader header,
        TableMetadata metadata,
        @Nullable ICardinality cardinality) {

    /**
     * @param file the local copy, named as {@code descriptor} says
     */
    static InputStatistics load(InputSSTable input, Path file, Descriptor descriptor, TableMetadata table) {
        StatsComponent statistics;
        try {
            statistics = StatsComponent.load(descriptor);
        } catch (IOException | RuntimeException | Error e) {
            throw Damage.wrap(input, Components.STATISTICS + " cannot be read", e);
        }
        ValidationMetadata validation = statistics.validationMetadata();
        if (validation == null || statistics.statsMetadata() == null || statistics.serializationHeader() == null) {
            throw Damage.of(input, Components.STATISTICS + " (" + file.getFileName() + ") lacks a section");
        }
        if (!validation.partitioner.equals(Murmur3Partitioner.class.getCanonicalName())) {
            throw new UnsupportedException(
                    input + " was written with partitioner " + validation.partitioner,
                    "only " + Murmur3Partitioner.class.getCanonicalName() + " is supported");
        }
        if (table.isCounter() && statistics.statsMetadata().hasLegacyCounterShards) {
            throw new UnsupportedException(
                    input + " has counter shards from before Cassandra 2.1",
                    "run 'nodetool upgradesstables -a " + table.keyspace + " " + table.name + "' on the nodes first");
        }
        TableMetadata readable = withDroppedTypes(table, statistics.serializationHeader());
        try {
            SerializationHeader header = statistics.serializationHeader(readable);
            return new InputStatistics(
                    statistics.statsMetadata(),
                    header,
                    readable,
                    statistics.compactionMetadata() == null
                            ? null
                            : statistics.compactionMetadata().cardinalityEstimator);
        } catch (RuntimeException e) {
            throw Damage.wrap(input, "its columns are not those of " + table, e);
        }
    }

    /**
     * DDL cannot say that a dropped column was a non-frozen user type (it prints a frozen tuple); how many cells to skip
     * depends on it. The file's own header knows.
     */
    private static TableMetadata withDroppedTypes(TableMetadata table, SerializationHeader.Component header) {
        Map<ByteBuffer, DroppedColumn> dropped = new HashMap<>(table.droppedColumns);
        for (Map.Entry<ByteBuffer, DroppedColumn> entry : table.droppedColumns.entrySet()) {
            ColumnMetadata column = entry.getValue().column;
            AbstractType<?> written =
                    (column.isStatic() ? header.getStaticColumns() : header.getRegularColumns()).get(entry.getKey());
            if (written != null && written.isMultiCell() != column.type.isMultiCell()) {
                dropped.put(
                        entry.getKey(), new DroppedColumn(column.withNewType(written), entry.getValue().droppedTime));
            }
        }
        return dropped.equals(table.droppedColumns)
                ? table
                : table.unbuild().droppedColumns(dropped).build();
    }
}
