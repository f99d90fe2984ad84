package dev.hindsight.oracle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.ClusteringBound;
import org.apache.cassandra.db.ClusteringPrefix;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.CollectionType;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.CellPath;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * One write to one partition as a value, so that a failing case can be taken apart: what a statement would do, but with
 * each timestamp, TTL and deletion time of its own. Buffers are never changed.
 */
sealed interface Write {
    ByteBuffer key();

    /** Adds this to the builder of the partition. */
    void addTo(PartitionUpdate.Builder update, TableMetadata table, long lastDeletionTime);

    /** One line, near to CQL. */
    String text(TableMetadata table);

    /** Names of columns that are written. */
    default List<String> columns() {
        return List.of();
    }

    /** {@code null} for an empty primary-key liveness. */
    record Liveness(long timestamp, int ttl, long expires) {}

    /** A deletion and, for rows, whether newer liveness undoes it. */
    record Deletion(long timestamp, long deletedAt, boolean shadowable) {}

    /**
     * A cell, or the deletion of a whole collection.
     *
     * @param path of an element, null for simple cells and complex deletions
     * @param value null for a complex deletion
     * @param deletionTime expiry or local deletion time, {@link Cell#NO_DELETION_TIME} for neither
     */
    record CellWrite(
            String column,
            @Nullable ByteBuffer path,
            @Nullable ByteBuffer value,
            long timestamp,
            int ttl,
            long deletionTime) {}

    record PartitionDeletion(ByteBuffer key, long timestamp, long deletedAt) implements Write {
        @Override
        public void addTo(PartitionUpdate.Builder update, TableMetadata table, long last) {
            update.addPartitionDeletion(DeletionTime.build(timestamp, Math.min(last, deletedAt)));
        }

        @Override
        public String text(TableMetadata table) {
            return "DELETE FROM t USING TIMESTAMP " + timestamp + " WHERE " + keyText(table, key) + " -- at "
                    + deletedAt;
        }
    }

    /**
     * @param start values of the lower bound in clustering order
     */
    record RangeDeletion(
            ByteBuffer key,
            List<ByteBuffer> start,
            boolean startInclusive,
            List<ByteBuffer> end,
            boolean endInclusive,
            long timestamp,
            long deletedAt)
            implements Write {
        @Override
        public void addTo(PartitionUpdate.Builder update, TableMetadata table, long last) {
            ClusteringBound<?> left = BufferClusteringBound.create(
                    startInclusive ? ClusteringPrefix.Kind.INCL_START_BOUND : ClusteringPrefix.Kind.EXCL_START_BOUND,
                    start.toArray(new ByteBuffer[0]));
            ClusteringBound<?> right = BufferClusteringBound.create(
                    endInclusive ? ClusteringPrefix.Kind.INCL_END_BOUND : ClusteringPrefix.Kind.EXCL_END_BOUND,
                    end.toArray(new ByteBuffer[0]));
            if (!Slice.isEmpty(table.comparator, left, right)) {
                update.add(new RangeTombstone(
                        Slice.make(left, right), DeletionTime.build(timestamp, Math.min(last, deletedAt))));
            }
        }

        @Override
        public String text(TableMetadata table) {
            return "DELETE FROM t USING TIMESTAMP " + timestamp + " WHERE " + keyText(table, key) + " AND "
                    + bound(table, start, startInclusive ? ">=" : ">") + " AND "
                    + bound(table, end, endInclusive ? "<=" : "<") + " (in clustering order) -- at " + deletedAt;
        }

        private static String bound(TableMetadata table, List<ByteBuffer> values, String operator) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                texts.add(literal(table.clusteringColumns().get(i).type, values.get(i)));
            }
            return "clustering " + operator + " " + texts;
        }
    }

    /**
     * @param clustering null for the static row
     */
    record RowWrite(
            ByteBuffer key,
            @Nullable List<ByteBuffer> clustering,
            @Nullable Liveness liveness,
            @Nullable Deletion deletion,
            List<CellWrite> cells)
            implements Write {
        RowWrite withCells(List<CellWrite> other) {
            return new RowWrite(key, clustering, liveness, deletion, other);
        }

        boolean isEmpty() {
            return liveness == null && deletion == null && cells.isEmpty();
        }

        @Override
        public List<String> columns() {
            return cells.stream().map(CellWrite::column).distinct().toList();
        }

        @Override
        @SuppressWarnings("deprecation")
        public void addTo(PartitionUpdate.Builder update, TableMetadata table, long last) {
            if (isEmpty()) {
                return;
            }
            Row.Builder row = BTreeRow.unsortedBuilder();
            row.newRow(
                    clustering == null
                            ? Clustering.STATIC_CLUSTERING
                            : clustering.isEmpty()
                                    ? Clustering.EMPTY
                                    : Clustering.make(clustering.toArray(new ByteBuffer[0])));
            if (liveness != null) {
                row.addPrimaryKeyLivenessInfo(LivenessInfo.withExpirationTime(
                        liveness.timestamp(), liveness.ttl(), capped(liveness.expires(), last)));
            }
            if (deletion != null) {
                DeletionTime time = DeletionTime.build(deletion.timestamp(), Math.min(last, deletion.deletedAt()));
                row.addRowDeletion(deletion.shadowable() ? Row.Deletion.shadowable(time) : Row.Deletion.regular(time));
            }
            for (CellWrite cell : cells) {
                ColumnMetadata column = table.getColumn(ByteBufferUtil.bytes(cell.column()));
                if (column == null) {
                    continue;
                }
                if (cell.value() == null) {
                    row.addComplexDeletion(
                            column, DeletionTime.build(cell.timestamp(), Math.min(last, cell.deletionTime())));
                } else {
                    row.addCell(new BufferCell(
                            column,
                            cell.timestamp(),
                            cell.ttl(),
                            capped(cell.deletionTime(), last),
                            cell.value(),
                            cell.path() == null ? null : CellPath.create(cell.path())));
                }
            }
            update.add(row.build());
        }

        private static long capped(long time, long last) {
            return time == Cell.NO_DELETION_TIME ? time : Math.min(time, last);
        }

        @Override
        public String text(TableMetadata table) {
            StringBuilder out = new StringBuilder("UPSERT ").append(keyText(table, key));
            if (clustering == null) {
                out.append(" static");
            } else {
                for (int i = 0; i < clustering.size(); i++) {
                    ColumnMetadata column = table.clusteringColumns().get(i);
                    out.append(" AND ").append(column.name.toCQLString()).append(" = ");
                    out.append(literal(column.type, clustering.get(i)));
                }
            }
            if (deletion != null) {
                out.append(deletion.shadowable() ? " DELETE SHADOWABLE" : " DELETE ROW")
                        .append(" @")
                        .append(deletion.timestamp())
                        .append(" at ")
                        .append(deletion.deletedAt());
            }
            if (liveness != null) {
                out.append(" LIVE @").append(liveness.timestamp());
                if (liveness.ttl() != 0) {
                    out.append(" ttl ").append(liveness.ttl()).append(" until ").append(liveness.expires());
                }
            }
            for (CellWrite cell : cells) {
                out.append("; ");
                cellText(table, cell, out);
            }
            return out.toString();
        }

        private static void cellText(TableMetadata table, CellWrite cell, StringBuilder out) {
            ColumnMetadata column = table.getColumn(ByteBufferUtil.bytes(cell.column()));
            out.append(cell.column());
            if (cell.path() != null) {
                out.append('[').append(ByteBufferUtil.bytesToHex(cell.path())).append(']');
            }
            if (cell.value() == null) {
                out.append(" DELETE ALL");
            } else if (cell.ttl() == 0 && cell.deletionTime() != Cell.NO_DELETION_TIME) {
                out.append(" DELETE");
            } else {
                out.append(" = ")
                        .append(
                                column == null || column.type instanceof CollectionType
                                        ? "0x" + ByteBufferUtil.bytesToHex(cell.value())
                                        : literal(column.type, cell.value()));
            }
            out.append(" @").append(cell.timestamp());
            if (cell.ttl() != 0) {
                out.append(" ttl ").append(cell.ttl());
            }
            if (cell.deletionTime() != Cell.NO_DELETION_TIME) {
                out.append(" at ").append(cell.deletionTime());
            }
        }
    }

    /** One partition's writes as one update, in the table's columns that they name, or in all of them. */
    static PartitionUpdate update(
            TableMetadata table, List<Write> ofKey, RegularAndStaticColumns columns, long lastDeletionTime) {
        DecoratedKey key = table.partitioner.decorateKey(ofKey.get(0).key());
        PartitionUpdate.Builder update = new PartitionUpdate.Builder(table, key, columns, ofKey.size());
        for (Write write : ofKey) {
            write.addTo(update, table, lastDeletionTime);
        }
        return update.build();
    }

    /** The columns that a memtable with these writes would have collected. */
    static RegularAndStaticColumns columns(TableMetadata table, List<Write> writes) {
        RegularAndStaticColumns.Builder out = RegularAndStaticColumns.builder();
        writes.stream()
                .flatMap(write -> write.columns().stream())
                .distinct()
                .map(name -> table.getColumn(ByteBufferUtil.bytes(name)))
                .filter(java.util.Objects::nonNull)
                .sorted(Comparator.naturalOrder())
                .forEach(out::add);
        return out.build();
    }

    static String keyText(TableMetadata table, ByteBuffer key) {
        List<ColumnMetadata> columns = table.partitionKeyColumns();
        if (columns.size() == 1) {
            return columns.get(0).name.toCQLString() + " = " + literal(columns.get(0).type, key);
        }
        ByteBuffer[] parts = ((CompositeType) table.partitionKeyType).split(key);
        List<String> out = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            out.add(columns.get(i).name.toCQLString() + " = " + literal(columns.get(i).type, parts[i]));
        }
        return out.stream().collect(Collectors.joining(" AND "));
    }

    /** As CQL, or as hex where Cassandra cannot print it. */
    static String literal(AbstractType<?> type, ByteBuffer value) {
        if (value.remaining() > 64) {
            return "<" + value.remaining() + " bytes, hash " + value.hashCode() + ">";
        }
        try {
            return type.unwrap().asCQL3Type().toCQLLiteral(value.duplicate());
        } catch (RuntimeException | AssertionError e) {
            return "0x" + ByteBufferUtil.bytesToHex(value);
        }
    }
}
