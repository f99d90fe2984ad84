package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.repository.document.BackupPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What of the replicas' SSTables of one table has to be read. Pure; one thread. */
final class TableInputs {
    private static final String DATA = "Data.db";

    private final TableChoice choice;
    private final Map<UUID, TokenRanges> owned = new HashMap<>();
    private final List<Group> groups = new ArrayList<>();
    private final TokenRanges incremental;

    /** SSTables of one host of which the chain has seen the same. Most of them it has seen whole, or not at all. */
    private record Group(double ownedFraction, TokenRanges owned, TokenRanges unseen, long bytes) {
        /** Taking tokens as evenly spread over what the host owns. */
        double bytesIn(TokenRanges ranges, boolean all) {
            if (ownedFraction == 0) {
                return 0;
            }
            return bytes * ((all ? owned : unseen).intersect(ranges).fraction() / ownedFraction);
        }
    }

    TableInputs(TableChoice choice, List<NodeSource> nodes, ReplicaMap owners) {
        this.choice = choice;
        this.incremental = choice.incrementalRanges();
        for (NodeSource node : nodes) {
            TokenRanges mine = owners.ownedBy(node.hostId());
            owned.put(node.hostId(), mine);
            if (node.readable()) {
                group(node, mine);
            }
        }
    }

    private void group(NodeSource node, TokenRanges mine) {
        Map<TokenRanges, Long> bytesBySeen = new HashMap<>();
        for (SnapshotListing.Table table : node.requireListing().tables()) {
            if (table.tableId().equals(choice.table().id())) {
                table.sstables()
                        .forEach(sstable -> bytesBySeen.merge(seen(node.hostId(), sstable), bytes(sstable), Long::sum));
            }
        }
        bytesBySeen.forEach((seen, bytes) -> groups.add(new Group(mine.fraction(), mine, mine.subtract(seen), bytes)));
    }

    TokenRanges owned(UUID host) {
        return owned.getOrDefault(host, TokenRanges.NONE);
    }

    /** What a shard reads, about. */
    long bytes(Cut cut) {
        double sum = 0;
        for (Group group : groups) {
            sum += group.bytesIn(cut.ranges(), cut.onto().isEmpty());
        }
        return Math.round(sum);
    }

    /** The SSTables of a host that some shard has to read. */
    List<BackupPlan.SourceSSTable> sources(UUID host, SnapshotListing.Table table) {
        TokenRanges changed = owned(host).intersect(incremental);
        boolean whole = !owned(host).subtract(incremental).isEmpty();
        Map<TokenRanges, Optional<List<TokenRange>>> seenOfPlan = new HashMap<>();
        List<BackupPlan.SourceSSTable> out = new ArrayList<>();
        for (SnapshotListing.SSTable sstable : table.sstables()) {
            TokenRanges seen = seen(host, sstable);
            boolean unseen = !changed.subtract(seen).isEmpty();
            if (whole || unseen) {
                out.add(source(sstable, seenOfPlan.computeIfAbsent(seen, any -> inPlan(changed, seen, unseen))));
            }
        }
        return List.copyOf(out);
    }

    /** As short as it can be said: a node may own thousands of ranges and have thousands of SSTables. */
    private static Optional<List<TokenRange>> inPlan(TokenRanges changed, TokenRanges seen, boolean unseen) {
        TokenRanges counts = changed.intersect(seen);
        if (counts.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(unseen ? counts.ranges() : TokenRanges.FULL.ranges());
    }

    private static BackupPlan.SourceSSTable source(SnapshotListing.SSTable sstable, Optional<List<TokenRange>> seen) {
        return new BackupPlan.SourceSSTable(
                sstable.dataDirectory(),
                sstable.descriptor(),
                sstable.components().stream()
                        .map(component -> new BackupPlan.SourceComponent(
                                component.name(), component.sizeBytes(), component.checksum()))
                        .toList(),
                seen);
    }

    private TokenRanges seen(UUID host, SnapshotListing.SSTable sstable) {
        return seen(choice, host, sstable);
    }

    /** What of it the chain has. */
    static TokenRanges seen(TableChoice choice, UUID host, SnapshotListing.SSTable sstable) {
        return choice.seen()
                .flatMap(seen -> id(sstable).map(id -> seen.host(host).seen(id)))
                .orElse(TokenRanges.NONE);
    }

    /** Empty when it has no checksum, so that it cannot be told from another of its name: it is always read. */
    static Optional<SSTableId> id(SnapshotListing.SSTable sstable) {
        return sstable.components().stream()
                .filter(component ->
                        component.name().equals(DATA) && !component.checksum().isEmpty())
                .map(component ->
                        new SSTableId(sstable.descriptor(), component.checksum() + "/" + component.sizeBytes()))
                .findFirst();
    }

    /** Of the Data.db that had this identity, as {@link #id} gives it; 0 where it does not say. */
    static long dataBytes(SSTableId id) {
        String bytes = id.identity().substring(id.identity().lastIndexOf('/') + 1);
        return bytes.matches("[0-9]{1,18}") ? Long.parseLong(bytes) : 0;
    }

    static Set<SSTableId> ids(SnapshotListing listing, UUID tableId) {
        Set<SSTableId> out = new HashSet<>();
        for (SnapshotListing.Table table : listing.tables()) {
            if (table.tableId().equals(tableId)) {
                table.sstables().forEach(sstable -> id(sstable).ifPresent(out::add));
            }
        }
        return out;
    }

    static long bytes(SnapshotListing.SSTable sstable) {
        return sstable.components().stream()
                .mapToLong(SnapshotListing.Component::sizeBytes)
                .sum();
    }
}
