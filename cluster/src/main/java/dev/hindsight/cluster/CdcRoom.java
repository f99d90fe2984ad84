package dev.hindsight.cluster;

import java.util.Optional;

/**
 * How much a node keeps of its commit log for the consumer of {@code cdc_raw}, where it has {@code cdc_enabled}. A value.
 *
 * @param node its address
 * @param bytes after which it takes the oldest away, or refuses writes
 * @param refusesWrites once it is full, of tables with {@code cdc = true}
 */
public record CdcRoom(String node, long bytes, boolean refusesWrites) {
    /** Of a few segments of the usual size, and of some seconds at the pace at which a fast node writes. */
    private static final long ENOUGH_BYTES = 512L << 20;

    /** What may go wrong with it; empty where nothing should. */
    public Optional<String> problem() {
        return bytes >= ENOUGH_BYTES
                ? Optional.empty()
                : Optional.of("cdc_total_space is " + (bytes >> 20)
                        + " MiB: once a node writes that much before an agent looks, it "
                        + (refusesWrites ? "refuses writes" : "deletes what the agent has not seen"));
    }
}
