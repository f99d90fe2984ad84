package dev.hindsight.cluster;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One cluster, connected. One thread at a time.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.ClusterUnreachableException}, {@link
 * dev.hindsight.model.failure.UnauthorisedException}, {@link dev.hindsight.model.failure.UnsupportedException} (partitioner
 * and the like, by name).
 */
public interface LiveCluster extends AutoCloseable {
    String name();

    /** As every reachable node sees it; they may differ while the topology changes. */
    List<Ring> ringViews();

    /** All keyspaces but Cassandra's own ({@code system*}), read within one schema version. */
    List<KeyspaceSchema> schema();

    /** The schema version all reachable nodes agree on; empty while they do not. */
    Optional<UUID> schemaVersion();

    /**
     * Runs one DDL statement and waits until every node that answers has the new schema.
     *
     * @throws dev.hindsight.model.failure.AlreadyExistsException if the table or keyspace is there already
     * @throws dev.hindsight.model.failure.PreconditionFailedException if the server rejects it, with the server's words
     * @throws dev.hindsight.model.failure.UnsupportedException if it needs what the target has switched off (views, UDFs)
     * @throws dev.hindsight.model.failure.OutcomeUnknownException if it may have been applied, or nodes do not agree
     */
    void executeDdl(String statement);

    /** The id of a table, if it exists. */
    Optional<UUID> tableId(TableName table);

    /** Whether the table holds no row, read at ALL where possible. */
    boolean isEmpty(TableName table);

    /**
     * What each node notes about the last TRUNCATE of its tables: by host id and table id, a text that changes with every
     * one; tables that never were truncated are left out, and so are nodes that do not answer.
     */
    Map<UUID, Map<UUID, String>> truncations();

    /** How a keyspace is replicated, as its schema says; empty when there is none. Much cheaper than {@link #schema}. */
    Optional<Map<String, String>> replication(String keyspace);

    /**
     * How long a write may be acknowledged by a node and not yet readable in its commit log's file, by the settings of the
     * nodes that answer: the longest; empty when none tells.
     */
    Optional<Duration> logDelay();

    /** Of each node that answers and keeps its commit log for CDC, how much; empty when there is none. */
    List<CdcRoom> cdcRooms();

    @Override
    void close();
}
