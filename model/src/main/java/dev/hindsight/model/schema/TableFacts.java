package dev.hindsight.model.schema;

import java.util.UUID;

/**
 * What planning needs to know of a table.
 *
 * @param compactStorage still COMPACT STORAGE; its DDL is executable all the same, see {@link DescribedSchema}
 */
public record TableFacts(TableName name, UUID id, int gcGraceSeconds, boolean counter, boolean compactStorage) {}
