package dev.hindsight.operations.rebase;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.Optional;

/**
 * What a rebase would do.
 *
 * @param source the backup that is made whole
 * @param chain it and all that it builds on, newest first
 * @param nothing why there is nothing to do; empty when there is
 * @param children live backups that will build on the rebase
 * @param readBytes from the repository
 * @param writeBytes about; never more than {@code readBytes} by much
 * @param workers processes that would run it
 */
public record RebaseForecast(
        String source,
        List<String> chain,
        Optional<String> nothing,
        List<Table> tables,
        List<String> children,
        long readBytes,
        long writeBytes,
        int shards,
        int workers) {
    public RebaseForecast {
        chain = List.copyOf(chain);
        tables = List.copyOf(tables);
        children = List.copyOf(children);
    }

    /**
     * @param rebased or taken over as it is
     * @param reason for people
     * @param layers stored shards of how many backups make it up now
     */
    public record Table(TableName name, boolean rebased, String reason, int layers, int shards, long readBytes) {}
}
