package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotListing;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a run has of one ring node: a snapshot to read, or a reason why there is none. */
record NodeSource(
        UUID hostId,
        String address,
        @Nullable AgentClient agent,
        @Nullable Instant snapshotAt,
        @Nullable SnapshotListing listing,
        String problem) {

    static NodeSource of(UUID hostId, String address, AgentClient agent, Instant snapshotAt, SnapshotListing listing) {
        return new NodeSource(hostId, address, agent, snapshotAt, listing, "");
    }

    static NodeSource missing(UUID hostId, String address, String problem) {
        return new NodeSource(hostId, address, null, null, null, problem);
    }

    boolean readable() {
        return listing != null;
    }

    SnapshotListing requireListing() {
        return Optional.ofNullable(listing).orElseThrow();
    }

    AgentClient requireAgent() {
        return Optional.ofNullable(agent).orElseThrow();
    }

    Instant requireSnapshotAt() {
        return Optional.ofNullable(snapshotAt).orElseThrow();
    }
}
