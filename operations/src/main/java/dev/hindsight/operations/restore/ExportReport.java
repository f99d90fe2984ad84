package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.List;

/**
 * Where an export lies: {@code directory/<keyspace>/<table>/} with SSTables, and {@code directory/schema.cql}.
 *
 * @param rows at most, unless {@code rowsAreExact}: rows that changed are stored more than once in a chain
 */
public record ExportReport(
        String backup,
        Path directory,
        List<TableName> tables,
        long bytes,
        long rows,
        boolean rowsAreExact,
        boolean complete,
        List<String> notes) {}
