package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.UpdateSplitter;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
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
    private final List<UUID> sorted;
    /** Where those with the same high half are in {@link #sorted}. */
    private final Map<Long, Map<UUID, Integer>> byHigh = new HashMap<>();
    /** Whether an id begins with these two bytes. */
    private final boolean[] beginnings = new boolean[1 << 16];

    SoughtTables(Set<UUID> tables) {
        this.tables = Set.copyOf(tables);
        this.sorted = this.tables.stream().sorted().toList();
        for (int i = 0; i < sorted.size(); i++) {
            UUID table = sorted.get(i);
            byHigh.computeIfAbsent(table.getMostSignificantBits(), high -> new HashMap<>())
                    .put(table, i);
            beginnings[(int) (table.getMostSignificantBits() >>> 48)] = true;
        }
    }

    Set<UUID> tables() {
        return tables;
    }

    /** In the order of {@link UUID#compareTo}. */
    List<UUID> sorted() {
        return sorted;
    }

    /** Adds the places in {@link #sorted} of the tables that the mutation may have updates of. */
    void addThoseOf(byte[] mutation, BitSet into) {
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

    /** Adds the table's place in {@link #sorted}, if it is one of them. */
    void addIfSought(UUID table, BitSet into) {
        int place = Collections.binarySearch(sorted, table);
        if (place >= 0) {
            into.set(place);
        }
    }

    private void add(byte[] mutation, int at, BitSet into) {
        Map<UUID, Integer> some = byHigh.get(VInts.long8(mutation, at));
        if (some != null) {
            Integer place = some.get(new UUID(VInts.long8(mutation, at), VInts.long8(mutation, at + 8)));
            if (place != null) {
                into.set(place);
            }
        }
    }
}
