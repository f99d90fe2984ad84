package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.schema.TableSchema;
import java.util.Map;

/** The columns of an SSTable held against those of its table. Immutable. */
public final class TableColumns {
    private final InputColumns statics;
    private final InputColumns regulars;

    /**
     * @throws dev.hindsight.codec.bytes.MalformedException the SSTable has a column that the table neither has nor ever had
     * @throws dev.hindsight.model.failure.UnsupportedException a column has changed its kind of type
     */
    public TableColumns(RowLayout sstable, TableSchema table) {
        Map<String, DroppedColumn> dropped = table.dropped();
        this.statics = new InputColumns(sstable.statics(), new ColumnLayout(table.statics()), dropped);
        this.regulars = new InputColumns(sstable.regulars(), new ColumnLayout(table.regulars()), dropped);
    }

    /** Whether a cell, or the deletion of a complex column, is still data. */
    public boolean has(boolean isStatic, int column, long timestamp) {
        InputColumns columns = isStatic ? statics : regulars;
        return timestamp > columns.droppedAt[column];
    }
}
