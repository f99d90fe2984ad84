package dev.hindsight.agent.api;

/**
 * One file of a snapshot by its parts; the agent builds the path itself and refuses parts that are not plain names.
 *
 * @param table the table directory's name, {@code name-idwithoutdashes}
 * @param file {@code oa-12-big-Data.db}
 */
public record SnapshotFile(String tag, String keyspace, String table, int dataDirectory, String file) {}
