package dev.hindsight.agent.node;

import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the agent asks of a Cassandra node; the one place that knows its management interface. Safe for several threads.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.ClusterUnreachableException} when the node does not answer,
 * {@link dev.hindsight.model.failure.OutcomeUnknownException} when it stopped answering during a change, {@link
 * dev.hindsight.model.failure.NotFoundException} for a table that it does not have.
 */
public interface NodeControl extends AutoCloseable {
    NodeFacts facts();

    /** Where its commit log is, and since when its process runs. */
    LogFacts log();

    /** The directories of a table as it is now, one in each data directory. */
    List<Path> tableDirectories(TableName table);

    /** What it receives from others; the first call begins to listen, and one after the connection was lost does again. */
    StreamsSeen streams();

    /** Names of the directories of a keyspace's present tables, dropped ones not among them. */
    Set<String> liveTableDirectories(String keyspace);

    /** At least the bytes that flushing these tables would write. */
    long memtableBytes(Collection<TableName> tables);

    /** Flushes and links. */
    void takeSnapshot(String tag, Optional<Long> ttlSeconds, List<TableName> tables);

    /** Of all keyspaces. */
    void clearSnapshot(String tag);

    /**
     * Takes over all SSTables of these directories by moving them, all verification on.
     *
     * @return the directories that were refused
     */
    List<String> importSSTables(TableName table, Set<Path> directories);

    @Override
    void close();
}
