package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One node of the ring at the moment of a backup, as far as one table is concerned.
 *
 * @param owned ranges that it replicates now
 * @param snapshotAt empty when it cannot be read
 * @param truncationBefore what it noted of the table's last TRUNCATE before the snapshots were taken, empty text for none;
 *     absent when it did not say
 * @param truncationAfter the same after the last snapshot
 * @param sstables of the snapshot; only those whose identity is known
 */
public record HostNow(
        UUID host,
        TokenRanges owned,
        Optional<Instant> snapshotAt,
        Optional<String> truncationBefore,
        Optional<String> truncationAfter,
        Set<SeenHost.SSTableId> sstables) {
    public HostNow {
        sstables = Set.copyOf(sstables);
    }

    public boolean readable() {
        return snapshotAt.isPresent();
    }
}
