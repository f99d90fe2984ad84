package dev.hindsight.model.schema;

import java.util.UUID;

/**
 * What planning needs to know of a table.
 *
 * @param compactStorage still COMPACT STORAGE: its DDL must be taken out of a comment
 */
public record TableFacts(TableName name, UUID id, int gcGraceSeconds, boolean counter, boolean compactStorage) {}
