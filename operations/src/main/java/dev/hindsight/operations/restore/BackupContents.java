package dev.hindsight.operations.restore;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One published backup with the shard manifests of some of its tables, every document checked against the digest that
 * names it.
 */
record BackupContents(ObjectRef ref, BackupManifest manifest, Map<TableName, List<ShardManifest>> shards) {

    /**
     * @param from a backup id or {@code latest}
     * @throws NotFoundException there is no such backup, with the ones there are
     */
    static ObjectRef find(Repository repository, String from) {
        Catalogue catalogue = repository.catalogue();
        // Damage elsewhere in the catalogue must not keep this one from being restored.
        Optional<PublishedBackup> found =
                from.equals(RestoreRequest.LATEST) ? catalogue.latest() : catalogue.find(from);
        if (found.isPresent()) {
            return found.get().manifest();
        }
        PublishedBackup newest = catalogue
                .latest()
                .orElseThrow(
                        () -> new NotFoundException("the repository holds no backup", "run 'hindsight backup' first"));
        throw new NotFoundException(
                "there is no backup " + from + "; the newest is " + newest.id(), "run 'hindsight list'");
    }

    static BackupContents load(Repository repository, ObjectRef ref, List<TableName> wanted) {
        BackupManifest manifest = repository.load(ref, BackupManifest.class);
        Map<TableName, List<ShardManifest>> shards = new TreeMap<>();
        for (TableName name : wanted) {
            BackupManifest.Table table = table(manifest, name);
            List<ShardManifest> ofTable = new ArrayList<>();
            for (ObjectRef shard : table.shards()) {
                ofTable.add(repository.load(shard, ShardManifest.class));
            }
            shards.put(name, List.copyOf(ofTable));
        }
        return new BackupContents(ref, manifest, shards);
    }

    static BackupManifest.Table table(BackupManifest manifest, TableName name) {
        return manifest.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NotFoundException(
                        "backup " + manifest.id() + " has no table " + name + "; it has "
                                + manifest.tables().stream()
                                        .map(table -> table.name().toString())
                                        .collect(Collectors.joining(", ")),
                        "names are taken as stored: case counts"));
    }

    /** The tables that a request means. */
    static List<TableName> select(BackupManifest manifest, RestoreRequest request) {
        if (request.keyspace().isPresent() == !request.tables().isEmpty()) {
            throw new UsageException(
                    "name either a keyspace or tables to restore", "use --keyspace K, or --table K.T (repeatable)");
        }
        if (request.as().isPresent() && request.tables().size() != 1) {
            throw new UsageException("--as needs exactly one --table", "use --keyspace with --as-keyspace for many");
        }
        if (request.keyspace().isEmpty()) {
            request.tables().forEach(name -> table(manifest, name));
            return request.tables().stream().distinct().sorted().toList();
        }
        String keyspace = request.keyspace().get();
        List<TableName> names = manifest.tables().stream()
                .map(BackupManifest.Table::name)
                .filter(name -> name.keyspace().equals(keyspace))
                .sorted()
                .toList();
        if (names.isEmpty()) {
            throw new NotFoundException(
                    "backup " + manifest.id() + " has no keyspace " + keyspace,
                    "run 'hindsight show " + manifest.id() + "'");
        }
        return names;
    }

    KeyspaceSchema schemaOf(String keyspace) {
        return manifest.schema().stream()
                .filter(schema -> schema.name().equals(keyspace))
                .findFirst()
                .orElseThrow(() -> new NotFoundException(
                        "backup " + manifest.id() + " has no schema of keyspace " + keyspace,
                        "run 'hindsight verify'"));
    }

    boolean partial(TableName name) {
        return table(manifest, name).coverage().stream()
                .anyMatch(part -> part.read().isEmpty());
    }

    long rows(TableName name) {
        return shardsOf(name).stream().mapToLong(shard -> shard.counts().rows()).sum();
    }

    long bytes(TableName name) {
        return shardsOf(name).stream().mapToLong(BackupContents::bytes).sum();
    }

    List<ShardManifest> shardsOf(TableName name) {
        return shards.getOrDefault(name, List.of());
    }

    static long bytes(ShardManifest shard) {
        return shard.sstables().stream()
                .flatMap(sstable -> sstable.components().stream())
                .mapToLong(ObjectRef::sizeBytes)
                .sum();
    }

    /** Bytes of a table's stored shards that lie in {@code ranges}, taking tokens as evenly spread. */
    long estimatedBytes(TableName name, TokenRanges ranges) {
        double sum = 0;
        for (ShardManifest shard : shardsOf(name)) {
            TokenRanges mine = TokenRanges.of(shard.ranges());
            sum += bytes(shard) * (mine.intersect(ranges).fraction() / mine.fraction());
        }
        return (long) Math.ceil(sum);
    }

    /** Numbers of the stored shards with data that overlap {@code ranges}. */
    List<Integer> overlapping(TableName name, TokenRanges ranges) {
        return shardsOf(name).stream()
                .filter(shard -> !shard.sstables().isEmpty())
                .filter(shard ->
                        !TokenRanges.of(shard.ranges()).intersect(ranges).isEmpty())
                .map(ShardManifest::number)
                .toList();
    }

    /** Rows whose last content expired between the restore point and {@code epochSeconds}: surely, and possibly. */
    long[] expiredSince(TableName name, long epochSeconds) {
        long restorePoint = manifest.restorePoint().getEpochSecond();
        long surely = 0;
        long possibly = 0;
        for (ShardManifest shard : shardsOf(name)) {
            for (ShardManifest.ExpiryBucket bucket : shard.expiry()) {
                if (bucket.toEpochSeconds() <= restorePoint) {
                    continue;
                }
                if (bucket.toEpochSeconds() <= epochSeconds && bucket.fromEpochSeconds() > restorePoint) {
                    surely += bucket.rows();
                }
                if (bucket.fromEpochSeconds() <= epochSeconds) {
                    possibly += bucket.rows();
                }
            }
        }
        return new long[] {surely, possibly};
    }
}
