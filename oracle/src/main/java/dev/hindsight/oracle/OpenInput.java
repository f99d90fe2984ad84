package dev.hindsight.oracle;

import com.clearspring.analytics.stream.cardinality.ICardinality;
import dev.hindsight.synthesis.InputSSTable;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * An input whose wanted bytes are all here and checked. Owns its scratch directory and file handles; close it once.
 *
 * @param metadata with which its bytes are to be read
 * @param cardinality estimator of its partition keys, when it has one
 */
record OpenInput(
        InputSSTable input,
        ScratchDirectory directory,
        DataFile data,
        TableMetadata metadata,
        Version version,
        SerializationHeader header,
        StatsMetadata stats,
        @Nullable ICardinality cardinality,
        IndexLookup index)
        implements AutoCloseable {

    @Override
    public void close() {
        data.close();
        directory.close();
    }
}
