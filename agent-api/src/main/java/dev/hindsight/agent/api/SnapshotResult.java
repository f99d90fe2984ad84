package dev.hindsight.agent.api;

import java.time.Instant;
import java.util.UUID;

/** @param finishedAt when the flush had ended and the links stood: the snapshot instant, by the node's clock */
public record SnapshotResult(UUID hostId, String tag, Instant startedAt, Instant finishedAt) {}
