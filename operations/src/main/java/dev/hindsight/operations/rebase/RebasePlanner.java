package dev.hindsight.operations.rebase;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sharding.RingCuts;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.BackupChain.StoredShard;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Says what a rebase reads and makes. Tables that need no parent are taken over as they are: their shard manifests are
 * named again. The others are merged, cut as their chain is cut, so that runs of fingerprints stay aligned; what has grown
 * much is cut further. A pure function of the chain's documents: the same chain gives the same plan.
 */
final class RebasePlanner {
    private static final int GROWN = 2;
    private static final int MOST_PIECES = 64;
    private static final long SCRATCH_SLACK_BYTES = 32L << 20;

    private final BackupChain chain;
    private final Set<TableName> only;
    private final long shardBytes;
    private final List<BackupPlan.Shard> shards = new ArrayList<>();
    private final List<BackupManifest.Table> taken = new ArrayList<>();
    private final List<RebaseForecast.Table> tables = new ArrayList<>();
    private long readBytes;
    private final Set<UUID> notAskedFor = new HashSet<>();
    /** Tables that the source leaves out, and its chain does not. */
    private final Set<UUID> carriedOn;

    private long writeBytes;

    /** @param only tables to merge; all if empty */
    RebasePlanner(BackupChain chain, Set<TableName> only, long shardBytes) {
        this.chain = chain;
        this.only = only;
        this.shardBytes = shardBytes;
        this.carriedOn = chain.carriedOn();
        // Numbers of new shards do not meet those of shards that are taken over.
        int number = chain.manifest().tables().stream()
                        .flatMap(table -> table.shards().stream())
                        .map(ObjectRef::key)
                        .flatMap(key -> Keys.shardOfManifest(key).stream())
                        .mapToInt(Keys.ShardKey::number)
                        .max()
                        .orElse(0)
                + 1;
        for (BackupManifest.Table table : chain.manifest().tables()) {
            number = plan(table, number);
        }
    }

    private int plan(BackupManifest.Table table, int first) {
        ChainLayers<StoredShard> layers = chain.layers(table.name(), table.tableId());
        boolean whole = layers.layers().stream().noneMatch(ChainLayers.Layer::incremental)
                && layers.layers().stream().allMatch(layer -> layer.depth() == 0);
        if (whole || !(only.isEmpty() || only.contains(table.name()))) {
            taken.add(table);
            if (!whole) {
                notAskedFor.add(table.tableId());
            }
            tables.add(new RebaseForecast.Table(
                    table.name(),
                    false,
                    whole ? "is whole already" : "was not asked for",
                    layers.backups(),
                    table.shards().size(),
                    0));
            return first;
        }
        int number = first;
        long bytesOfTable = 0;
        for (TokenRanges cut : cuts(table.tableId(), layers)) {
            long bytes = bytes(layers.within(cut), false);
            shards.add(shard(number++, table, cut, layers, bytes));
            bytesOfTable += bytes;
            writeBytes += bytes(layers.within(cut), true) + (bytes - bytes(layers.within(cut), true)) / 2;
        }
        readBytes += bytesOfTable;
        tables.add(new RebaseForecast.Table(
                table.name(), true, "is merged", layers.backups(), number - first, bytesOfTable));
        return number;
    }

    private List<TokenRanges> cuts(UUID tableId, ChainLayers<StoredShard> layers) {
        List<TokenRanges> out = new ArrayList<>();
        for (TokenRanges cut : chain.cuts(tableId)) {
            long bytes = bytes(layers.within(cut), false);
            out.addAll(
                    bytes > GROWN * shardBytes
                            ? RingCuts.even(cut, RingCuts.pieces(bytes, shardBytes, MOST_PIECES))
                            : List.of(cut));
        }
        return out;
    }

    private static long bytes(ChainLayers<StoredShard> layers, boolean wholeOnly) {
        double sum = 0;
        for (ChainLayers.Layer<StoredShard> layer : layers.layers()) {
            if (!wholeOnly || !layer.incremental()) {
                double all = layer.shard().ranges().fraction();
                sum += all > 0 ? layer.shard().bytes() * (layer.ranges().fraction() / all) : 0;
            }
        }
        return (long) Math.ceil(sum);
    }

    /** Its coverage is that of the head: what a replica had, the chain has as soon as any backup of it read that replica. */
    private static BackupPlan.Shard shard(
            int number, BackupManifest.Table table, TokenRanges ranges, ChainLayers<StoredShard> layers, long bytes) {
        Map<UUID, TokenRanges> read = new LinkedHashMap<>();
        Map<BackupManifest.Missing, TokenRanges> missing = new LinkedHashMap<>();
        for (BackupManifest.Coverage part : table.coverage()) {
            TokenRanges here = TokenRanges.of(part.range()).intersect(ranges);
            if (!here.isEmpty()) {
                part.read().forEach(host -> read.merge(host, here, TokenRanges::union));
                part.missing().forEach(host -> missing.merge(host, here, TokenRanges::union));
            }
        }
        return new BackupPlan.Shard(
                number,
                table.name(),
                table.tableId(),
                ranges.ranges(),
                read.entrySet().stream()
                        .map(one -> new BackupPlan.Slice(
                                one.getKey(), one.getValue().ranges()))
                        .toList(),
                missing.entrySet().stream()
                        .map(one -> new BackupPlan.MissingReplica(
                                one.getKey().hostId(),
                                one.getValue().ranges(),
                                one.getKey().reason()))
                        .toList(),
                0,
                bytes,
                Optional.of(BackupChain.planned(layers, ranges)));
    }

    /** Biggest first, so that workers end at about the same time. */
    List<BackupPlan.Shard> shards() {
        return shards.stream()
                .sorted(Comparator.comparingLong(BackupPlan.Shard::estimatedInputBytes)
                        .reversed()
                        .thenComparingInt(BackupPlan.Shard::number))
                .toList();
    }

    /** Tables that are taken over as they are. */
    List<BackupManifest.Table> taken() {
        return List.copyOf(taken);
    }

    List<RebaseForecast.Table> tables() {
        return List.copyOf(tables);
    }

    /**
     * What the result goes on building on: the nearest backup that holds anything of a table that is not made whole here.
     * That is one that was not asked for, or one that the source leaves out and a later backup may have gone on with.
     */
    Optional<String> parent() {
        Set<UUID> needed = new HashSet<>(carriedOn);
        needed.addAll(notAskedFor);
        return needed.isEmpty()
                ? Optional.empty()
                : chain.links().stream()
                        .skip(1)
                        .map(BackupChain.Link::manifest)
                        .filter(below -> below.tables().stream().anyMatch(table -> needed.contains(table.tableId())))
                        .map(BackupManifest::id)
                        .findFirst();
    }

    long readBytes() {
        return readBytes;
    }

    long writeBytes() {
        return writeBytes;
    }

    /** What was read once and what is written once, and half as much again for tokens that are not spread evenly. */
    long scratchBytesPerTask() {
        return shards.stream()
                                .mapToLong(BackupPlan.Shard::estimatedInputBytes)
                                .max()
                                .orElse(0)
                        * 3
                + SCRATCH_SLACK_BYTES;
    }
}
