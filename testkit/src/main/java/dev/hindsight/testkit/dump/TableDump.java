package dev.hindsight.testkit.dump;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The whole visible content of one table, independent of ring, token order and coordinator.
 *
 * <p>Partitions are ordered by the bytes of their keys, rows in clustering order. A cell is
 * {@code 0x<value> @<write time, µs> !<expiry, s since 1970>}; a value of more than 64 bytes is its length and SHA-256.
 * Of a non-frozen collection or type there is one value and a list of write times and expiries, one per element. What CQL
 * does not tell is not here: tombstones, and the time and expiry of row markers (that a row without cells exists is).
 *
 * @param asOfSeconds the second at which it was read: what expired before is not in it
 * @param partitions by key in hexadecimal, components separated by {@code :}
 */
public record TableDump(TableName table, long asOfSeconds, Map<String, Partition> partitions) {
    /**
     * @param readableKey for messages
     * @param rows by clustering, readable and in hexadecimal, in clustering order; static cells are under {@link #STATIC}
     */
    public record Partition(long token, String readableKey, Map<String, Map<String, String>> rows) {
        public Partition {
            Map<String, Map<String, String>> copy = new LinkedHashMap<>();
            rows.forEach((key, cells) -> copy.put(key, Collections.unmodifiableMap(new TreeMap<>(cells))));
            rows = Collections.unmodifiableMap(copy);
        }
    }

    public static final String STATIC = "static";

    public TableDump {
        partitions = Collections.unmodifiableMap(new TreeMap<>(partitions));
    }

    /** Rows, not counting static ones. */
    public long rowCount() {
        return partitions.values().stream()
                .flatMap(partition -> partition.rows().keySet().stream())
                .filter(key -> !key.equals(STATIC))
                .count();
    }

    public long cellCount() {
        return partitions.values().stream()
                .flatMap(partition -> partition.rows().values().stream())
                .mapToLong(Map::size)
                .sum();
    }

    public boolean isEmpty() {
        return partitions.isEmpty();
    }

    /** Only the partitions whose token is in {@code ranges}. */
    public TableDump within(TokenRanges ranges) {
        Map<String, Partition> kept = new TreeMap<>(Comparator.naturalOrder());
        partitions.forEach((key, partition) -> {
            if (ranges.contains(partition.token())) {
                kept.put(key, partition);
            }
        });
        return new TableDump(table, asOfSeconds, kept);
    }
}
