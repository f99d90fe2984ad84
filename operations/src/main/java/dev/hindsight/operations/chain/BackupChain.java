package dev.hindsight.operations.chain;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * One backup and what it builds on. Parents are those that the catalogue says, or else the manifests; they are loaded as
 * far down as a table needs them, and every document is checked against the digest that names it. One thread.
 *
 * <p>Failures of all methods that load: {@link CorruptException} where a manifest of the chain is damaged or missing.
 */
public final class BackupChain {
    /** One backup of the chain. */
    public record Link(ObjectRef ref, BackupManifest manifest) {
        public Optional<BackupManifest.Table> table(UUID tableId) {
            return manifest.tables().stream()
                    .filter(table -> table.tableId().equals(tableId))
                    .findFirst();
        }
    }

    /** A stored shard of some backup of the chain. */
    public record StoredShard(ObjectRef ref, ShardManifest manifest) {
        public TokenRanges ranges() {
            return TokenRanges.of(manifest.ranges());
        }

        public long bytes() {
            return manifest.sstables().stream()
                    .flatMap(sstable -> sstable.components().stream())
                    .mapToLong(ObjectRef::sizeBytes)
                    .sum();
        }
    }

    private final Repository repository;
    private final CatalogueView catalogue;
    private final List<Link> links = new ArrayList<>();
    private final Map<UUID, ChainLayers<StoredShard>> layers = new HashMap<>();
    private final Map<ObjectRef, ShardManifest> shards = new HashMap<>();

    private BackupChain(Repository repository, CatalogueView catalogue, Link head) {
        this.repository = repository;
        this.catalogue = catalogue;
        links.add(head);
    }

    /** @param head its manifest, as its catalogue entry names it */
    public static BackupChain of(Repository repository, CatalogueView catalogue, ObjectRef head) {
        return new BackupChain(repository, catalogue, new Link(head, repository.load(head, BackupManifest.class)));
    }

    public Link head() {
        return links.get(0);
    }

    public BackupManifest manifest() {
        return head().manifest();
    }

    /**
     * The backup that {@code backup} builds on now. Also of one that was expired while another builds on it: what its
     * manifest names may have been collected when it was given another parent.
     */
    public static Optional<String> parentOf(CatalogueView catalogue, BackupManifest backup) {
        return catalogue
                .findAlsoExpired(backup.id())
                .map(one -> one.parentOr(backup.parent()))
                .orElse(backup.parent());
    }

    /** The head and all it builds on, down to a backup that needs no other. */
    public List<Link> links() {
        while (step()) {
            continue;
        }
        return List.copyOf(links);
    }

    /**
     * What a table is made of, as it was at the head: also a table that the head leaves out but the chain goes on with.
     *
     * @throws CorruptException the chain ends before all of the table is there
     */
    public ChainLayers<StoredShard> layers(TableName name, UUID tableId) {
        ChainLayers<StoredShard> known = layers.get(tableId);
        if (known != null) {
            return known;
        }
        ChainLayers.Walk<StoredShard> walk = new ChainLayers.Walk<>(TokenRanges.FULL);
        int level = 0;
        while (!walk.done() && (level < links.size() || step())) {
            walk.step(level(links.get(level), tableId));
            level++;
        }
        ChainLayers<StoredShard> out = walk.end();
        if (!out.missing().isEmpty()) {
            throw new CorruptException(
                    "backup " + manifest().id() + ", table " + name + ": its chain ends at backup "
                            + links.get(links.size() - 1).manifest().id() + " with nothing below for "
                            + out.missing().ranges().get(0),
                    "restore another backup; 'hindsight verify' says what is hurt");
        }
        layers.put(tableId, out);
        return out;
    }

    /** The layers of some ranges that hold something, as plans name what they read. */
    public static List<StoredLayer> planned(ChainLayers<StoredShard> layers, TokenRanges ranges) {
        return planned(layers, ranges, shard -> !shard.manifest().sstables().isEmpty());
    }

    /** The same with those that hold nothing but know fingerprints, for who compares. */
    public static List<StoredLayer> compared(ChainLayers<StoredShard> layers, TokenRanges ranges) {
        return planned(
                layers,
                ranges,
                shard -> !shard.manifest().sstables().isEmpty()
                        || shard.manifest()
                                .layer()
                                .flatMap(ShardManifest.Layer::fingerprints)
                                .isPresent());
    }

    private static List<StoredLayer> planned(
            ChainLayers<StoredShard> layers, TokenRanges ranges, Predicate<StoredShard> wanted) {
        return layers.within(ranges).layers().stream()
                .filter(layer -> wanted.test(layer.shard()))
                .map(layer ->
                        new StoredLayer(layer.shard().ref(), layer.ranges().ranges()))
                .toList();
    }

    /** Where the newest backup of the chain that holds the table cut it. */
    public List<TokenRanges> cuts(UUID tableId) {
        for (int level = 0; level < links.size() || step(); level++) {
            List<TokenRanges> cuts = level(links.get(level), tableId).stream()
                    .map(ChainLayers.Stored::ranges)
                    .toList();
            if (!cuts.isEmpty()) {
                return cuts;
            }
        }
        return List.of();
    }

    /**
     * Tables that the head leaves out and whoever builds on it may go on with, as what the chain has seen of them is carried
     * on: what lies below the head counts for those.
     */
    public Set<UUID> carriedOn() {
        Set<UUID> out = new HashSet<>();
        manifest()
                .chain()
                .map(ref -> repository.load(ref, ChainState.class))
                .ifPresent(state -> state.tables().forEach(table -> out.add(table.tableId())));
        manifest().tables().forEach(table -> out.remove(table.tableId()));
        return out;
    }

    private List<ChainLayers.Stored<StoredShard>> level(Link link, UUID tableId) {
        List<ObjectRef> refs =
                link.table(tableId).map(BackupManifest.Table::shards).orElse(List.of());
        List<ObjectRef> unknown =
                refs.stream().filter(ref -> !shards.containsKey(ref)).toList();
        List<Parallel.Outcome<ShardManifest>> loaded =
                Parallel.forAll(unknown, ref -> repository.load(ref, ShardManifest.class));
        for (int i = 0; i < unknown.size(); i++) {
            ShardManifest shard = loaded.get(i).get();
            if (!shard.tableId().equals(tableId)) {
                throw new CorruptException(
                        "object " + unknown.get(i).key() + " is of the table with id " + shard.tableId() + ", backup "
                                + link.manifest().id() + " names it for " + tableId,
                        "run 'hindsight verify' to see all that is damaged");
            }
            shards.put(unknown.get(i), shard);
        }
        List<ChainLayers.Stored<StoredShard>> out = new ArrayList<>();
        for (ObjectRef ref : refs) {
            StoredShard stored =
                    new StoredShard(ref, Optional.ofNullable(shards.get(ref)).orElseThrow());
            out.add(new ChainLayers.Stored<>(
                    stored, stored.ranges(), stored.manifest().incremental()));
        }
        return out;
    }

    /** Loads the next parent; false when there is none. */
    private boolean step() {
        BackupManifest last = links.get(links.size() - 1).manifest();
        Optional<String> parent = parentOf(catalogue, last);
        if (parent.isEmpty()) {
            return false;
        }
        String id = parent.get();
        if (links.stream().anyMatch(link -> link.manifest().id().equals(id))) {
            throw new CorruptException(
                    "backup " + last.id() + " builds on " + id + ", which builds on it", "restore another backup");
        }
        ObjectRef ref = manifestOf(repository, catalogue, id)
                .orElseThrow(() -> new CorruptException(
                        "backup " + last.id() + " builds on backup " + id + ", which the catalogue does not have",
                        "restore another backup; 'hindsight verify' says what is hurt"));
        try {
            links.add(new Link(ref, repository.load(ref, BackupManifest.class)));
        } catch (HindsightException e) {
            if (e instanceof CorruptException) {
                throw new CorruptException(
                        "backup " + last.id() + " builds on backup " + id + ", which is damaged: " + e.getMessage(),
                        "restore another backup; 'hindsight verify' says what is hurt",
                        e);
            }
            throw e;
        }
        return true;
    }

    /**
     * The manifest of a backup that another one builds on, also of one that was expired: what builds on it keeps what it
     * stored. Where the catalogue is damaged it is looked up by its key, so that one lost entry hurts no other backup; its
     * manifest proves itself by its seal and its id.
     */
    public static Optional<ObjectRef> manifestOf(Repository repository, CatalogueView catalogue, String id) {
        Optional<ObjectRef> named = catalogue.findAlsoExpired(id).map(PublishedBackup::manifest);
        if (named.isPresent() || catalogue.problems().isEmpty()) {
            return named;
        }
        return repository
                .find(Keys.backupManifest(id), BackupManifest.class)
                .filter(found -> found.document().id().equals(id))
                .map(Repository.Found::ref);
    }
}
