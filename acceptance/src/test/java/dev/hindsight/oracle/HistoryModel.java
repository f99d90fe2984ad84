package dev.hindsight.oracle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A table as whoever reads it sees it: all writes, and of each cell the one with the greatest timestamp. */
final class HistoryModel {
    static final long NEVER = Long.MAX_VALUE;

    /**
     * One write. Timestamps differ between any two.
     *
     * @param rows that it deletes, by clustering from and to; of a write to a row only that one; empty for the static row
     *     and for the whole partition
     * @param values by column; empty for a deletion
     */
    record Write(
            int key,
            Kind kind,
            Optional<int[]> rows,
            Map<String, Optional<String>> values,
            long micros,
            long expiresSecond) {}

    enum Kind {
        INSERT,
        UPDATE,
        STATIC,
        DELETE_ROW,
        DELETE_RANGE,
        DELETE_PARTITION
    }

    private final List<Write> writes = new ArrayList<>();

    void apply(Write write) {
        writes.add(write);
    }

    void truncate() {
        writes.clear();
    }

    /** @param hidden columns that the table does not have then */
    Map<String, Map<String, String>> rows(int key, long second, Set<String> hidden) {
        Map<String, Map<String, String>> out = new TreeMap<>();
        for (int row = 0; row < HistoryWorld.ROWS; row++) {
            Map<String, String> values = values(key, row, second, hidden);
            if (!values.isEmpty() || hasKey(key, row, second)) {
                out.put(String.valueOf(row), values);
            }
        }
        Map<String, String> statics = values(key, STATIC_ROW, second, hidden);
        if (!statics.isEmpty()) {
            out.put("static", statics);
        }
        return out;
    }

    private long deletedAt(int key, int row) {
        long latest = Long.MIN_VALUE;
        for (Write write : writes) {
            if (write.key() == key && deletes(write, row)) {
                latest = Math.max(latest, write.micros());
            }
        }
        return latest;
    }

    static boolean deletes(Write write, int row) {
        switch (write.kind()) {
            case DELETE_PARTITION:
                return true;
            case DELETE_ROW:
            case DELETE_RANGE:
                return write.rows()
                        .filter(range -> row >= range[0] && row <= range[1])
                        .isPresent();
            default:
                return false;
        }
    }

    /** In place of a row's clustering. */
    static final int STATIC_ROW = -1;

    static boolean isOf(Write write, int row) {
        return write.kind() == Kind.STATIC
                ? row < 0
                : (write.kind() == Kind.INSERT || write.kind() == Kind.UPDATE)
                        && write.rows().filter(range -> row == range[0]).isPresent();
    }

    private boolean hasKey(int key, int row, long second) {
        Optional<Write> latest = writes.stream()
                .filter(write -> write.key() == key && write.kind() == Kind.INSERT && isOf(write, row))
                .reduce((a, b) -> a.micros() > b.micros() ? a : b);
        return latest.filter(write -> write.micros() > deletedAt(key, row) && write.expiresSecond() > second)
                .isPresent();
    }

    private Map<String, String> values(int key, int row, long second, Set<String> hidden) {
        Map<String, Write> latest = new TreeMap<>();
        for (Write write : writes) {
            if (write.key() == key && isOf(write, row)) {
                write.values()
                        .keySet()
                        .forEach(column -> latest.merge(column, write, (a, b) -> a.micros() > b.micros() ? a : b));
            }
        }
        Map<String, String> out = new TreeMap<>();
        Set<String> names = new HashSet<>(latest.keySet());
        names.removeAll(hidden);
        long deleted = deletedAt(key, row);
        latest.forEach((column, write) -> Optional.ofNullable(write.values().get(column))
                .flatMap(value -> value)
                .filter(value -> names.contains(column) && write.micros() > deleted && write.expiresSecond() > second)
                .ifPresent(value -> out.put(column, value)));
        return out;
    }
}
