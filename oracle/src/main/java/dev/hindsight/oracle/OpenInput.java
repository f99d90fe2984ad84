package dev.hindsight.oracle;

import com.clearspring.analytics.stream.cardinality.ICardinality;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.fetch.FetchedInput;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.io.compress.CompressionMetadata;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.FileHandle;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A fetched input as Cassandra's own classes see it. Owns its file handles, not the fetched input; close it before that.
 *
 * @param metadata with which its bytes are to be read
 * @param cardinality estimator of its partition keys, when it has one
 * @param handle of the sparse copy of Data.db
 */
record OpenInput(
        FetchedInput fetched,
        TableMetadata metadata,
        Version version,
        SerializationHeader header,
        StatsMetadata stats,
        @Nullable ICardinality cardinality,
        @Nullable CompressionMetadata compression,
        FileHandle handle)
        implements AutoCloseable {
    InputSSTable input() {
        return fetched.input();
    }

    @Override
    public void close() {
        handle.close();
        if (compression != null) {
            compression.close();
        }
    }
}
