package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How a restore ended: the result tables.
 *
 * @param instant that was restored; empty: the backup's restore point
 * @param complete false when the backup was partial for these tables, or a view could not be created
 */
public record RestoreReport(
        String restoreId,
        String backup,
        Optional<Instant> instant,
        List<Result> tables,
        long bytesSent,
        int workers,
        double seconds,
        boolean complete,
        List<String> notes) {
    /**
     * @param rows read from the backup once, whatever the replication; at most, unless {@code rowsAreExact}, since rows that
     *     changed are stored more than once in a chain
     * @param records what its journal added
     */
    public record Result(
            TableName source,
            TableName target,
            UUID targetId,
            long rows,
            boolean rowsAreExact,
            int sstablesPerNode,
            Optional<RestoreForecast.Records> records) {}
}
