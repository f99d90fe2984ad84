package dev.hindsight.agent.api;

import dev.hindsight.model.schema.TableName;
import java.util.UUID;

/**
 * What one table has on one node: its live SSTables, from its directories, and its memtable where the node is up.
 *
 * @param dataBytes of Data.db files
 * @param componentBytes of all components, Data.db included, and of what is not flushed yet; 0 only for a table that holds
 *     nothing at all, not even deletes
 */
public record TableSize(TableName table, UUID tableId, int sstables, long dataBytes, long componentBytes) {}
