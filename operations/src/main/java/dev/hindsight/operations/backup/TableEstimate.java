package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.chain.SeenHost;
import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRanges;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one table's backup reads and stores, about, by what the nodes have now; tokens are taken as evenly spread over what a
 * node owns. What has gone from a node since the chain read it was compacted: so much of what is new there is the same as
 * stored, and is read but not stored. A pure value.
 */
record TableEstimate(long readBytes, long storedBytes) {
    /**
     * @param unlistedBytes that are read besides, as the nodes' memtables hold them
     * @param replicas that hold each record, on average
     */
    static TableEstimate of(
            TableChoice choice, List<NodeSource> nodes, ReplicaMap owners, long unlistedBytes, double replicas) {
        TokenRanges changed = choice.incrementalRanges();
        double read = unlistedBytes;
        double stored = unlistedBytes;
        for (NodeSource node : nodes) {
            TokenRanges owned = owners.ownedBy(node.hostId());
            if (!node.readable() || owned.isEmpty()) {
                continue;
            }
            double whole = 0;
            double unseen = 0;
            long bytes = 0;
            long dataBytes = 0;
            Set<SSTableId> there = new HashSet<>();
            for (SnapshotListing.Table table : node.requireListing().tables()) {
                if (!table.tableId().equals(choice.table().id())) {
                    continue;
                }
                for (SnapshotListing.SSTable sstable : table.sstables()) {
                    long size = TableInputs.bytes(sstable);
                    bytes += size;
                    dataBytes += sstable.dataBytes();
                    TableInputs.id(sstable).ifPresent(there::add);
                    whole += size * share(owned.subtract(changed), owned);
                    unseen += size
                            * share(
                                    owned.intersect(changed).subtract(TableInputs.seen(choice, node.hostId(), sstable)),
                                    owned);
                }
            }
            read += whole + unseen;
            double gone = choice.seen()
                    .map(seen -> gone(seen.host(node.hostId()), there, owned, changed))
                    .orElse(0.0);
            double withSmallComponents = dataBytes == 0 ? 1 : (double) bytes / dataBytes;
            stored += whole + Math.max(0, unseen - gone * withSmallComponents);
        }
        return new TableEstimate(Math.round(read), Math.round(replicas > 0 ? stored / replicas : 0));
    }

    private static double gone(SeenHost seen, Set<SSTableId> there, TokenRanges owned, TokenRanges changed) {
        double bytes = 0;
        for (Map.Entry<SSTableId, TokenRanges> one : seen.sstables().entrySet()) {
            if (!there.contains(one.getKey())) {
                bytes += TableInputs.dataBytes(one.getKey())
                        * share(one.getValue().intersect(owned).intersect(changed), owned);
            }
        }
        return bytes;
    }

    private static double share(TokenRanges part, TokenRanges owned) {
        return part.fraction() / owned.fraction();
    }
}
