package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.type.CassandraType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The column lists that the last updates of one table had, by the bytes that name them: most updates name the same
 * columns, and lists are self-delimiting, so equal bytes are the same list. One thread.
 */
final class KnownColumns {
    private static final int KEPT = 8;

    final @Nullable TableSchema table;
    final Clusterings clusterings;

    /** How many bytes {@link #find} has recognised. */
    int foundLength;

    private final ColumnLayout none = new ColumnLayout(List.of());
    private final byte[][] names = new byte[2 * KEPT][];
    private final @Nullable ColumnLayout[] layouts = new ColumnLayout[2 * KEPT];
    private final int[] next = new int[2];

    KnownColumns(@Nullable TableSchema table) {
        this.table = table;
        List<CassandraType> types = table == null
                ? List.of()
                : table.clustering().stream().map(ColumnSchema::type).toList();
        this.clusterings = new Clusterings(types);
    }

    ColumnLayout none() {
        return none;
    }

    /** The list that starts at {@code at}, if it is known. */
    @Nullable
    ColumnLayout find(boolean isStatic, byte[] bytes, int at, int end) {
        int from = isStatic ? KEPT : 0;
        for (int i = from; i < from + KEPT; i++) {
            ColumnLayout layout = layouts[i];
            if (layout == null) {
                return null;
            }
            byte[] name = names[i];
            if (name.length <= end - at && Arrays.equals(name, 0, name.length, bytes, at, at + name.length)) {
                foundLength = name.length;
                return layout;
            }
        }
        return null;
    }

    /** Forgets the oldest when there are many. */
    void add(boolean isStatic, byte[] name, ColumnLayout layout) {
        int which = isStatic ? 1 : 0;
        int at = which * KEPT + next[which];
        names[at] = name;
        layouts[at] = layout;
        next[which] = (next[which] + 1) % KEPT;
    }
}
