package dev.hindsight.operations.restore;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.chain.ChainLayers.Layer;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.BackupChain.StoredShard;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.StoredLayer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One published backup with what some of its tables are made of, in it and in the backups it builds on; every document
 * checked against the digest that names it.
 *
 * @param instant what the journals add to it
 */
record BackupContents(
        ObjectRef ref,
        BackupManifest manifest,
        Map<TableName, ChainLayers<StoredShard>> layers,
        Optional<InstantPart> instant) {
    private static final ChainLayers<StoredShard> NOTHING = new ChainLayers<>(List.of(), TokenRanges.NONE);

    /**
     * @param from a backup id or {@code latest}
     * @throws NotFoundException there is no such backup, with the ones there are
     */
    static PublishedBackup find(Repository repository, String from) {
        Catalogue catalogue = repository.catalogue();
        // Damage elsewhere in the catalogue must not keep this one from being restored.
        Optional<PublishedBackup> found =
                from.equals(RestoreRequest.LATEST) ? catalogue.latest() : catalogue.find(from);
        if (found.isPresent()) {
            return found.get();
        }
        PublishedBackup newest = catalogue
                .latest()
                .orElseThrow(
                        () -> new NotFoundException("the repository holds no backup", "run 'hindsight backup' first"));
        throw new NotFoundException(
                "there is no backup " + from + "; the newest is " + newest.id(), "run 'hindsight list'");
    }

    static BackupContents load(Repository repository, ObjectRef ref, List<TableName> wanted) {
        return load(repository, ref, wanted, Optional.empty());
    }

    static BackupContents load(
            Repository repository, ObjectRef ref, List<TableName> wanted, Optional<InstantPart> instant) {
        BackupChain chain = BackupChain.of(repository, repository.catalogue().view(), ref);
        Map<TableName, ChainLayers<StoredShard>> layers = new TreeMap<>();
        for (TableName name : wanted) {
            boolean alone = instant.flatMap(part -> part.of(name))
                    .map(records -> records.journal().alone())
                    .orElse(false);
            layers.put(
                    name,
                    alone
                            ? NOTHING
                            : chain.layers(name, table(chain.manifest(), name).tableId()));
        }
        return new BackupContents(ref, chain.manifest(), layers, instant);
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
        if (request.instant().isPresent()) {
            // Those that there were then.
            return request.instant().get().records().keySet().stream().sorted().toList();
        }
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
        return instant.flatMap(part -> part.keyspace(keyspace))
                .or(() -> manifest.schema().stream()
                        .filter(schema -> schema.name().equals(keyspace))
                        .findFirst())
                .orElseThrow(() -> new NotFoundException(
                        "backup " + manifest.id() + " has no schema of keyspace " + keyspace,
                        "run 'hindsight verify'"));
    }

    Set<TableName> tables() {
        return layers.keySet();
    }

    /**
     * Some token ranges had no readable replica. The backup's own coverage says it for all layers: what a replica had that
     * is read now is in the chain, seen before or read this time.
     */
    boolean partial(TableName name) {
        return table(manifest, name).coverage().stream()
                .anyMatch(part -> part.read().isEmpty());
    }

    /** Exact where {@link #rowsAreExact}, else at most: a row that changed is in several layers. */
    long rows(TableName name) {
        double sum = 0;
        for (Layer<StoredShard> layer : layersOf(name)) {
            sum += layer.shard().manifest().counts().rows() * share(layer, layer.ranges());
        }
        return (long) Math.ceil(sum)
                + records(name).map(InstantPart.Records::count).orElse(0L);
    }

    /** What the table's journal adds. */
    Optional<InstantPart.Records> records(TableName name) {
        return instant.flatMap(part -> part.of(name)).filter(records -> records.count() > 0);
    }

    boolean rowsAreExact(TableName name) {
        return records(name).isEmpty()
                && layersOf(name).stream()
                        .allMatch(layer -> !layer.incremental()
                                && layer.ranges().equals(layer.shard().ranges()));
    }

    long bytes(TableName name) {
        return estimatedBytes(name, TokenRanges.FULL);
    }

    /** Backups that the table's layers are in. */
    int backups(TableName name) {
        return Optional.ofNullable(layers.get(name)).map(ChainLayers::backups).orElse(0);
    }

    private List<Layer<StoredShard>> layersOf(TableName name) {
        return layers.getOrDefault(name, NOTHING).layers();
    }

    /** Bytes of a table's stored shards and journal that lie in {@code ranges}, taking tokens as evenly spread. */
    long estimatedBytes(TableName name, TokenRanges ranges) {
        double sum = 0;
        for (Layer<StoredShard> layer : layersOf(name)) {
            sum += layer.shard().bytes() * share(layer, ranges);
        }
        sum += records(name).map(InstantPart.Records::bytes).orElse(0L) * ranges.fraction();
        return (long) Math.ceil(sum);
    }

    private static double share(Layer<StoredShard> layer, TokenRanges ranges) {
        TokenRanges counts = layer.ranges().intersect(ranges);
        TokenRanges stored = layer.shard().ranges();
        return counts.equals(stored) ? 1 : counts.fraction() / stored.fraction();
    }

    /** Whether the table is in this backup alone, so that its shards can be named by their numbers. */
    boolean standsAlone(TableName name) {
        return layersOf(name).stream().allMatch(layer -> layer.depth() == 0 && !layer.incremental());
    }

    /** Numbers of the stored shards with data that overlap {@code ranges}, for a table that stands alone. */
    List<Integer> overlapping(TableName name, TokenRanges ranges) {
        return layersOf(name).stream()
                .filter(layer -> !layer.shard().manifest().sstables().isEmpty())
                .filter(layer -> !layer.ranges().intersect(ranges).isEmpty())
                .map(layer -> layer.shard().manifest().number())
                .toList();
    }

    /** The layers with data that overlap {@code ranges}. */
    List<StoredLayer> planned(TableName name, TokenRanges ranges) {
        return Optional.ofNullable(layers.get(name))
                .map(found -> BackupChain.planned(found, ranges))
                .orElse(List.of());
    }

    /**
     * Rows whose last content expired between the restore point and {@code epochSeconds}: surely, and possibly. With several
     * layers, or a journal, nothing is sure, since what expires in one may live on in another. Of the journal itself nothing is counted.
     */
    long[] expiredSince(TableName name, long epochSeconds) {
        long restorePoint = instant.map(InstantPart::instant)
                .orElse(manifest.restorePoint())
                .getEpochSecond();
        boolean exact = rowsAreExact(name);
        long surely = 0;
        long possibly = 0;
        for (Layer<StoredShard> layer : layersOf(name)) {
            for (ShardManifest.ExpiryBucket bucket : layer.shard().manifest().expiry()) {
                if (bucket.toEpochSeconds() <= restorePoint) {
                    continue;
                }
                if (exact && bucket.toEpochSeconds() <= epochSeconds && bucket.fromEpochSeconds() > restorePoint) {
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
