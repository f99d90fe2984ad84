package dev.hindsight.repository.document;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.UUID;

/**
 * {@code journal/<keyspace>/<table>-<table id>/floor/<n>.json}: from when on a table's log is there. It is made before
 * entries are deleted, so that whoever creates an entry finds out that its number was won, and deleted, long ago.
 *
 * @param number dense from 1; the newest counts
 * @param at when, for people
 * @param writer who, for people
 * @param firstEntry a checkpoint. Entries before it count no more and may be gone, but for entry 1 and those that define a
 *     version of the schema
 */
public record JournalFloor(
        int format, long number, Instant at, String writer, TableName table, UUID tableId, long firstEntry) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;
}
