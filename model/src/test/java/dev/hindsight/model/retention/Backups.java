package dev.hindsight.model.retention;

import dev.hindsight.model.schema.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Builds live backups with invented numbers. */
final class Backups {
    static final String CLUSTER = "prod";
    static final TableName ORDERS = new TableName("shop", "orders");
    static final TableName USERS = new TableName("shop", "users");
    static final TableName LOG = new TableName("log", "lines");

    private Backups() {}

    static LiveBackup full(String id, String at, TableName... tables) {
        return make(id, at, Optional.empty(), parts(true, tables.length == 0 ? new TableName[] {ORDERS} : tables));
    }

    static LiveBackup onto(String parent, String id, String at) {
        return make(id, at, Optional.of(parent), parts(true, ORDERS));
    }

    static LiveBackup partial(String id, String at, TableName... tables) {
        return make(id, at, Optional.empty(), parts(false, tables));
    }

    static LiveBackup rebase(String of, String id, String at) {
        return new LiveBackup(
                id,
                CLUSTER,
                Instant.parse(at),
                Optional.empty(),
                Optional.of(of),
                parts(true, ORDERS),
                true,
                false,
                false,
                100,
                OptionalLong.of(100));
    }

    static LiveBackup make(String id, String at, Optional<String> parent, List<LiveBackup.Part> parts) {
        return new LiveBackup(
                id,
                CLUSTER,
                Instant.parse(at),
                parent,
                Optional.empty(),
                parts,
                true,
                false,
                false,
                parent.isPresent() ? 10 : 100,
                OptionalLong.of(100));
    }

    static List<LiveBackup.Part> parts(boolean restorable, TableName... tables) {
        List<LiveBackup.Part> out = new ArrayList<>();
        for (TableName table : tables) {
            out.add(new LiveBackup.Part(table, idOf(table), restorable));
        }
        return out;
    }

    static UUID idOf(TableName table) {
        return UUID.nameUUIDFromBytes(table.toString().getBytes(StandardCharsets.UTF_8));
    }

    static LiveBackup held(LiveBackup backup) {
        return with(backup, true, backup.pinned(), backup.storedBytes(), backup.parent());
    }

    static LiveBackup pinned(LiveBackup backup) {
        return with(backup, backup.held(), true, backup.storedBytes(), backup.parent());
    }

    static LiveBackup storing(LiveBackup backup, long bytes) {
        return with(backup, backup.held(), backup.pinned(), bytes, backup.parent());
    }

    static LiveBackup reparented(LiveBackup backup, String parent) {
        return with(backup, backup.held(), backup.pinned(), backup.storedBytes(), Optional.of(parent));
    }

    static LiveBackup unreadable(LiveBackup backup) {
        return new LiveBackup(
                backup.id(),
                backup.cluster(),
                backup.restorePoint(),
                backup.parent(),
                Optional.empty(),
                List.of(),
                false,
                false,
                false,
                0,
                OptionalLong.empty());
    }

    private static LiveBackup with(
            LiveBackup of, boolean held, boolean pinned, long storedBytes, Optional<String> parent) {
        return new LiveBackup(
                of.id(),
                of.cluster(),
                of.restorePoint(),
                parent,
                of.rebaseOf(),
                of.tables(),
                of.readable(),
                held,
                pinned,
                storedBytes,
                of.rebasedBytes());
    }
}
