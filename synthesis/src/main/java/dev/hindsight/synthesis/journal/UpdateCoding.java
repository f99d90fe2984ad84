package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.synthesis.TableDefinition;
import java.util.UUID;

/**
 * How updates are coded: with the commit-log version that gave them, and the schema that their table had then.
 *
 * @param origin where they are from, for messages: the key of a segment
 * @param tableId which every update begins with
 */
public record UpdateCoding(String origin, SegmentVersion version, UUID tableId, TableSchema schema) {
    /** @param definition of the table when the updates were written */
    public static UpdateCoding of(String origin, SegmentVersion version, UUID tableId, TableDefinition definition) {
        return new UpdateCoding(
                origin,
                version,
                tableId,
                DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl()));
    }
}
