package dev.hindsight.operations.retention;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.BackupManifest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What the backups of a repository take, and how they build on each other.
 *
 * @param backups in the order in which they were published; those that have expired only where one that can be seen builds
 *     on them
 * @param tables biggest first; empty where only backups were asked for
 * @param journals of the tables that are or were protected continuously, biggest first; empty where only backups were asked for
 * @param reachedBytes of everything that some backup reaches
 * @param freedBytes of them, what an expiry now would free; empty where no rules are configured
 * @param problems manifests that could not be read, one sentence each
 */
public record DiskUsage(
        List<Backup> backups,
        List<Table> tables,
        List<Journal> journals,
        long reachedBytes,
        Optional<Long> freedBytes,
        List<String> problems) {
    /** Without journals. */
    public DiskUsage(
            List<Backup> backups,
            List<Table> tables,
            long reachedBytes,
            Optional<Long> freedBytes,
            List<String> problems) {
        this(backups, tables, List.of(), reachedBytes, freedBytes, problems);
    }

    public DiskUsage {
        backups = List.copyOf(backups);
        tables = List.copyOf(tables);
        journals = List.copyOf(journals);
        problems = List.copyOf(problems);
    }

    /**
     * @param parent what it builds on now
     * @param expired not there for restores, but something builds on it
     * @param inUse a run that may be alive reads it
     * @param storedBytes of its own objects
     * @param uniqueBytes of all that no other backup reaches: what would come back without it
     * @param wouldExpire what an expiry now says of it: why it goes, or empty
     */
    public record Backup(
            String id,
            BackupManifest.Kind kind,
            BackupManifest.State state,
            String cluster,
            Instant restorePoint,
            Optional<String> parent,
            Optional<String> rebaseOf,
            int tables,
            boolean held,
            boolean inUse,
            boolean expired,
            long storedBytes,
            long uniqueBytes,
            Optional<String> wouldExpire) {}

    /**
     * @param segments that hold the records; those that were merged go with the next collection and are not counted
     * @param captures objects of its nodes' captures that it has not taken in, which other tables may share
     */
    public record Journal(TableName name, UUID id, long records, int segments, long storedBytes, long captures) {}

    /** @param backups that stored something of it */
    public record Table(TableName name, UUID id, int backups, long storedBytes) {}
}
