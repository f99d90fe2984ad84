package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.Map;

/** Where the columns of one input's header are in the output's, and from when on their cells count. Immutable. */
final class InputColumns {
    /** Of a column that the table does not have any more. */
    static final int GONE = -1;

    final int[] target;
    /** Cells at or before it were dropped with their column; {@code Long.MIN_VALUE} when it never was. */
    final long[] droppedAt;

    final boolean anyDropped;
    /** Rows can be copied: same columns, coded alike, none ever dropped. */
    final boolean identical;

    /** @throws MalformedException a column is neither in the output nor dropped */
    InputColumns(ColumnLayout input, ColumnLayout output, Map<String, DroppedColumn> dropped) {
        int size = input.size();
        this.target = new int[size];
        this.droppedAt = new long[size];
        boolean any = false;
        int last = -1;
        for (int i = 0; i < size; i++) {
            ColumnSchema column = input.column(i);
            DroppedColumn drop = dropped.get(column.name());
            droppedAt[i] = drop == null ? Long.MIN_VALUE : drop.droppedAtMicros();
            int at = find(output, column.name());
            any |= drop != null || at == GONE;
            target[i] = at;
            if (at == GONE) {
                if (drop == null) {
                    throw new MalformedException("Statistics.db: column " + column.name()
                            + " is not one of the table's, nor was it dropped");
                }
                continue;
            }
            if (at <= last
                    || output.isComplex(at) != input.isComplex(i)
                    || output.isCounter(at) != input.isCounter(i)) {
                throw new UnsupportedException(
                        "column " + column.name() + " was of type " + column.type() + " and is now of type "
                                + output.column(at).type(),
                        "run 'nodetool upgradesstables -a' on the nodes, then take the backup again");
            }
            last = at;
        }
        this.anyDropped = any;
        this.identical = !any && input.isSameAs(output);
    }

    private static int find(ColumnLayout output, String name) {
        for (int i = 0; i < output.size(); i++) {
            if (output.column(i).name().equals(name)) {
                return i;
            }
        }
        return GONE;
    }
}
