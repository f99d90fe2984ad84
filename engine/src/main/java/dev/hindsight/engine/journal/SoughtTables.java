package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.UpdateSplitter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Tables that mutations are looked through for, all at once: what {@link UpdateSplitter#mayBeOf} says of each of them. A
 * value; any thread.
 */
final class SoughtTables {
    private static final int ID_BYTES = 16;

    private final Set<UUID> tables;
    /** The low halves of those with the same high half. */
    private final Map<Long, Set<UUID>> byHigh = new HashMap<>();
    /** Whether an id begins with these two bytes. */
    private final boolean[] beginnings = new boolean[1 << 16];

    SoughtTables(Set<UUID> tables) {
        this.tables = Set.copyOf(tables);
        for (UUID table : this.tables) {
            byHigh.computeIfAbsent(table.getMostSignificantBits(), high -> new HashSet<>())
                    .add(table);
            beginnings[(int) (table.getMostSignificantBits() >>> 48)] = true;
        }
    }

    Set<UUID> tables() {
        return tables;
    }

    /** Adds the tables that the mutation may have updates of. */
    void addThoseOf(byte[] mutation, Set<UUID> into) {
        if (mutation.length < 1 + ID_BYTES) {
            return;
        }
        if (mutation[0] == 1) {
            // One update: its table's id comes first.
            add(mutation, 1, into);
            return;
        }
        for (int at = 1; at <= mutation.length - ID_BYTES; at++) {
            if (beginnings[(mutation[at] & 0xff) << 8 | mutation[at + 1] & 0xff]) {
                add(mutation, at, into);
            }
        }
    }

    private void add(byte[] mutation, int at, Set<UUID> into) {
        Set<UUID> some = byHigh.get(VInts.long8(mutation, at));
        if (some != null) {
            UUID id = new UUID(VInts.long8(mutation, at), VInts.long8(mutation, at + 8));
            if (some.contains(id)) {
                into.add(id);
            }
        }
    }
}
