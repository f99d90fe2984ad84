package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * {@code backups/<id>/chain.json}: what a chain, up to and including one backup, has seen of the cluster. From this alone
 * follows what the next incremental has to read, and whether it is safe; no older document is needed, so that what lies
 * before a rebase can go.
 */
public record ChainState(int format, String backup, List<Table> tables) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

    public ChainState {
        tables = List.copyOf(tables);
    }

    /**
     * @param baseAt earliest snapshot instant of the backup that holds the table whole
     * @param leastGcGraceSeconds of all backups since then
     * @param hosts every host that was read for the table since then, or that the last snapshot had
     */
    public record Table(TableName name, UUID tableId, Instant baseAt, long leastGcGraceSeconds, List<Host> hosts) {
        public Table {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * @param truncation what the node notes of the table's last TRUNCATE, hex; empty for none
     * @param reads token ranges that were read from this host, each with the snapshot instant of the last time
     * @param unread token ranges that this host held when the chain began there, and that were never read from it since
     * @param rangeSets sets of ranges that {@link SSTable#rangeSet} counts into
     */
    public record Host(
            UUID hostId,
            String truncation,
            List<Read> reads,
            List<TokenRange> unread,
            List<RangeSet> rangeSets,
            List<SSTable> sstables) {
        public Host {
            reads = List.copyOf(reads);
            unread = List.copyOf(unread);
            rangeSets = List.copyOf(rangeSets);
            sstables = List.copyOf(sstables);
        }
    }

    public record Read(Instant at, List<TokenRange> ranges) {
        public Read {
            ranges = List.copyOf(ranges);
        }
    }

    public record RangeSet(List<TokenRange> ranges) {
        public RangeSet {
            ranges = List.copyOf(ranges);
        }
    }

    /**
     * An SSTable that was on the host at the last snapshot that saw the host.
     *
     * @param identity what tells it from any other file of that name: the checksum and size of its data component
     * @param rangeSet number of the range set: what of the SSTable the chain has
     */
    public record SSTable(String descriptor, String identity, int rangeSet) {}
}
