package dev.hindsight.agent.api;

import dev.hindsight.model.schema.TableName;
import java.util.UUID;

/**
 * Where received SSTables go: the staging area of one import for one table. An import id is chosen by the restore;
 * staging, committing and discarding again are all safe to repeat.
 *
 * @param importId letters, digits and {@code -} only
 */
public record ImportTarget(String importId, TableName table, UUID tableId) {}
