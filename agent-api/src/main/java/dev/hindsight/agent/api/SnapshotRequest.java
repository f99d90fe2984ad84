package dev.hindsight.agent.api;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.Optional;

/**
 * @param tag letters, digits, {@code -}, {@code _} and {@code .} only
 * @param ttlSeconds Cassandra itself removes the snapshot after this, where its version can
 */
public record SnapshotRequest(String tag, List<TableName> tables, Optional<Long> ttlSeconds) {}
