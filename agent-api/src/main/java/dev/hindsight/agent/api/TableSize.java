package dev.hindsight.agent.api;

import dev.hindsight.model.schema.TableName;
import java.util.UUID;

/**
 * The live SSTables of one table on one node, from its directories.
 *
 * @param dataBytes of Data.db files
 * @param componentBytes of all components, Data.db included
 */
public record TableSize(TableName table, UUID tableId, int sstables, long dataBytes, long componentBytes) {}
