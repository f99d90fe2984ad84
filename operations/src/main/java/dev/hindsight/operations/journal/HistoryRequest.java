package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.Optional;

/**
 * What of a row's, or a partition's, past is wanted.
 *
 * @param key as {@link dev.hindsight.codec.schema.RowKey} reads it
 * @param from of the stretch, included; without it the first instant that can be restored
 * @param to included; without it the last one
 * @param limit of versions; the newest of them are kept
 * @param mostBytes of memory that the versions may take, about; the newest of them are kept
 */
public record HistoryRequest(
        TableName table, String key, Optional<Instant> from, Optional<Instant> to, int limit, long mostBytes) {
    public static final int USUAL_LIMIT = 100;

    /** For a process that does nothing else. */
    public static final long USUAL_BYTES = 96L << 20;

    public HistoryRequest(TableName table, String key, Optional<Instant> from, Optional<Instant> to, int limit) {
        this(table, key, from, to, limit, USUAL_BYTES);
    }
}
