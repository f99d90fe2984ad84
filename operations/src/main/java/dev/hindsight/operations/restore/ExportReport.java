package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.List;

/** Where an export lies: {@code directory/<keyspace>/<table>/} with SSTables, and {@code directory/schema.cql}. */
public record ExportReport(
        String backup,
        Path directory,
        List<TableName> tables,
        long bytes,
        long rows,
        boolean complete,
        List<String> notes) {}
