package dev.hindsight.agent.api;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * One node's agent. Safe for use by several threads.
 *
 * <p>Failures of all methods: {@link dev.hindsight.model.failure.ClusterUnreachableException} (no answer, or the node's
 * JMX does not answer), {@link dev.hindsight.model.failure.UnauthorisedException}, {@link
 * dev.hindsight.model.failure.NotFoundException}, {@link dev.hindsight.model.failure.CapacityException} (a limit of the
 * agent), {@link dev.hindsight.model.failure.PreconditionFailedException}. Reads are retried inside; nothing else is.
 */
public interface AgentClient extends AutoCloseable {
    /** For messages. */
    String address();

    AgentInfo info();

    /** Sizes of the live SSTables of all tables of these keyspaces. */
    List<TableSize> tableSizes(Collection<String> keyspaces);

    /**
     * The live SSTables of all tables of these keyspaces, under an empty tag, as far as a snapshot would have them without a
     * flush. What is being written or goes away meanwhile may be left out. Of checksums only those of Data.db are given.
     *
     * @return empty where the agent is too old to say
     */
    default Optional<SnapshotListing> liveSSTables(Collection<String> keyspaces) {
        return Optional.empty();
    }

    /** Flushes and links. Taking a snapshot whose tag exists is refused. */
    SnapshotResult takeSnapshot(SnapshotRequest request);

    SnapshotListing listSnapshot(String tag);

    /** Tags on disk that start with {@code prefix}, found in the directories, so also when the node is down. */
    List<String> snapshotTags(String prefix);

    /** Clearing what is not there is no error. Works on the directories when the node is down. */
    void clearSnapshot(String tag);

    /** Reads exactly {@code length} bytes of a snapshot's file from {@code position} on. */
    void read(SnapshotFile file, long position, byte[] into, int offset, int length);

    /** Sends one component file; a file of that name that is staged with other content is replaced. */
    StagedFile stage(ImportTarget target, Path file);

    /** What has been received whole for this target and is not imported yet. */
    List<StagedFile> staged(ImportTarget target);

    /** Imports all staged SSTables with token verification on, by Cassandra's own import. */
    ImportResult commitImport(ImportTarget target);

    /**
     * What {@link #commitImport} did, for who lost its answer; the agent remembers until the import is discarded, a month at
     * most. Empty when it is not known to have ended well. Says nothing about what became of the table since.
     */
    Optional<ImportResult> finishedImport(ImportTarget target);

    /** Removes everything of this import that is not imported. */
    void discardImport(String importId);

    /** Import ids that have something staged. */
    List<String> importIds();

    /** How the capture of the node's commit log stands. */
    default CaptureStatus capture() {
        throw notCapturing();
    }

    /** The same, for whoever asks again and again: one that does not answer within seconds fails, and is not asked twice. */
    default CaptureStatus captureSoon() {
        return capture();
    }

    /**
     * Captures these keyspaces from now on, and no others. Durable when it returns; {@link CaptureStatus#stored} says when it
     * is in force.
     *
     * @throws dev.hindsight.model.failure.PreconditionFailedException the agent is not configured for it
     */
    default CaptureStatus setCapture(Collection<String> keyspaces) {
        throw notCapturing();
    }

    /** Captures nothing any more. What was captured stays in the repository. */
    default CaptureStatus stopCapture() {
        throw notCapturing();
    }

    private PreconditionFailedException notCapturing() {
        return new PreconditionFailedException(
                "agent " + address() + " cannot capture", "use an agent that can, with a section 'capture'");
    }

    /** Bytes that a table has on this node, flushed or not; 0 for a table that holds nothing, not even deletes. */
    default long tableBytes(TableName table) {
        return tableSizes(List.of(table.keyspace())).stream()
                .filter(size -> size.table().equals(table))
                .mapToLong(TableSize::componentBytes)
                .sum();
    }

    @Override
    void close();
}
