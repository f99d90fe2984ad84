package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CollectionType;
import dev.hindsight.codec.type.CqlText;
import dev.hindsight.codec.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts into words what a cursor stands at. One thread. */
final class RowReader {
    private final RowLayout layout;
    private final RowWalker walker;

    RowReader(RowLayout layout) {
        this.layout = layout;
        this.walker = new RowWalker(layout);
    }

    /** Of the row at hand; empty for a static row that has nothing. */
    Optional<RowState> row(RowCursor cursor) {
        boolean isStatic = cursor.kind == RowFormat.STATIC_CLUSTERING;
        RowWalker row = walker;
        row.start(isStatic, cursor.flags, cursor.extendedFlags, cursor.bytes, cursor.bodyAt, cursor.bodyEnd);
        Optional<RowState.Liveness> liveness = row.timestamp == RowFormat.NO_TIMESTAMP
                ? Optional.empty()
                : Optional.of(liveness(row.timestamp, row.ttl, row.expiry));
        Optional<RowState.Deletion> deletion = deletion(row.deletedAt, row.deletionTime);
        List<RowState.Column> columns = new ArrayList<>();
        while (row.nextColumn()) {
            columns.add(column(row, isStatic));
        }
        if (isStatic && columns.isEmpty() && liveness.isEmpty() && deletion.isEmpty()) {
            return Optional.empty();
        }
        List<String> clustering = isStatic ? List.of() : clustering(cursor.bytes, cursor.clusteringAt, cursor.values);
        return Optional.of(new RowState(isStatic, clustering, liveness, deletion, columns));
    }

    static Optional<RowState.Deletion> deletion(long deletedAt, long deletionTime) {
        return deletedAt == RowFormat.NO_TIMESTAMP
                ? Optional.empty()
                : Optional.of(new RowState.Deletion(deletedAt, deletionTime));
    }

    private static RowState.Liveness liveness(long timestamp, int ttl, long expiry) {
        return new RowState.Liveness(timestamp, ttl, ttl == RowFormat.NO_TTL ? RowState.Liveness.NEVER : expiry);
    }

    private RowState.Column column(RowWalker row, boolean isStatic) {
        String name = layout.columns(isStatic).column(row.column).name();
        CassandraType type = layout.columns(isStatic).column(row.column).type();
        List<RowState.Cell> cells = new ArrayList<>();
        Optional<RowState.Deletion> deletion = Optional.empty();
        if (row.complex) {
            deletion = deletion(row.complexDeletedAt, row.complexDeletionTime);
            while (row.nextCell()) {
                cells.add(cell(row, type));
            }
        } else {
            cells.add(cell(row, type));
        }
        return new RowState.Column(name, form(type), deletion, cells);
    }

    private static RowState.Form form(CassandraType type) {
        if (!type.isMultiCell()) {
            return RowState.Form.SIMPLE;
        }
        if (type instanceof CollectionType collection) {
            return !collection.showsPaths()
                    ? RowState.Form.LIST
                    : collection.showsValues() ? RowState.Form.MAP : RowState.Form.SET;
        }
        return RowState.Form.FIELDS;
    }

    private static RowState.Cell cell(RowWalker row, CassandraType type) {
        boolean deleted = row.cellTtl == RowFormat.NO_TTL && row.cellDeletionTime != RowFormat.NO_DELETION_TIME;
        Optional<String> path = row.complex ? Optional.of(path(row, type)) : Optional.empty();
        CassandraType valueType = type;
        boolean hasValue = !deleted;
        if (row.complex && type instanceof CollectionType collection) {
            valueType = collection.elementType();
            hasValue &= collection.showsValues();
        } else if (row.complex && type instanceof UserType user) {
            int field = field(row, user);
            valueType = field < 0 ? valueType : user.fieldTypes().get(field);
        }
        return new RowState.Cell(
                path,
                hasValue
                        ? Optional.of(CqlText.of(valueType, row.bytes, row.valueAt, row.valueLength))
                        : Optional.empty(),
                deleted,
                liveness(row.cellTimestamp, row.cellTtl, row.cellDeletionTime));
    }

    private static String path(RowWalker row, CassandraType type) {
        if (type instanceof UserType user) {
            int field = field(row, user);
            if (field >= 0) {
                return user.fieldNames().get(field);
            }
        }
        return CqlText.of(type.pathType(), row.bytes, row.pathAt, row.pathLength);
    }

    /** Which field the path names; -1 for none. */
    private static int field(RowWalker row, UserType user) {
        int field = row.pathLength == 2 ? VInts.unsignedShort(row.bytes, row.pathAt) : -1;
        return field < user.fieldTypes().size() ? field : -1;
    }

    /** Literals of clustering values; {@code null} for one that is null. */
    List<String> clustering(byte[] bytes, int clusteringAt, int values) {
        Clusterings clusterings = layout.clusterings();
        List<String> out = new ArrayList<>();
        int at = clusteringAt;
        long header = 0;
        for (int i = 0; i < values; i++) {
            if (i % 32 == 0) {
                header = VInts.unsigned(bytes, at);
                at += VInts.length(bytes, at);
            }
            long absent = header >>> 2 * (i % 32) & 3;
            int length = 0;
            if (absent == 0) {
                length = clusterings.type(i).fixedLength();
                if (length < 0) {
                    length = (int) VInts.unsigned(bytes, at);
                    at += VInts.length(bytes, at);
                }
            }
            out.add((absent & 2) != 0 ? "null" : CqlText.of(clusterings.type(i), bytes, at, length));
            at += length;
        }
        return out;
    }
}
