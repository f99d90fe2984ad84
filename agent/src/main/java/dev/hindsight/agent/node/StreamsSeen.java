package dev.hindsight.agent.node;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What a node says of the streams that other nodes, or a loader, send it.
 *
 * @param running as far as they have come
 * @param ended since it was asked last, well or not; those that began and ended while nobody listened are not among them
 */
public record StreamsSeen(List<Stream> running, List<Stream> ended) {
    /** Of sstableloader; its data are in no log. */
    public static final String BULK_LOAD = "Bulk Load";

    public StreamsSeen {
        running = List.copyOf(running);
        ended = List.copyOf(ended);
    }

    /**
     * One of them.
     *
     * @param operation in Cassandra's words: {@code Repair}, {@code Bootstrap}, {@link #BULK_LOAD}
     * @param tookNanos so long before it was told of it had not begun
     * @param tables that something is received of
     * @param files that were received, by the paths that they have here
     */
    public record Stream(String operation, long tookNanos, Set<UUID> tables, Set<String> files) {
        public Stream {
            tables = Set.copyOf(tables);
            files = Set.copyOf(files);
        }

        /** Whether other replicas send what they have, all of which some log has had. */
        public boolean isOfReplicas() {
            return REPLICAS.contains(operation);
        }
    }

    /** Source: {@code StreamOperation} 5.0.9. */
    private static final Set<String> REPLICAS =
            Set.of("Repair", "Bootstrap", "Rebuild", "Unbootstrap", "Relocation", "Restore replica count");
}
