package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.type.TupleType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decodes serialised mutations, as {@link SegmentReader} gives them: {@link #start}, then {@link #nextUpdate} for each table
 * that the mutation writes to, and {@link #next} for each row and range tombstone marker of that partition. What was found
 * lies in the public fields until the next call; keys, clusterings, paths and values are positions in the caller's array. A
 * row's cells are read with {@link #row}; what the caller leaves unread is passed over (and verified) by the next call.
 *
 * <pre>
 *   mutation = count of updates | update*
 *   update   = table id 16 | key | flags 1 | base of numbers | [names of static columns] | names of regular columns |
 *              [partition deletion] | [static row] | [number of rows] | unfiltered* | 01
 * </pre>
 * Names decide which columns there are, so the schema has to be of the mutation's time: a column that was dropped since is
 * decoded with the type that is kept of it (but for tuples and user-defined types), one that is not known at all is an
 * error. Cells of dropped columns are given; {@link #droppedAt} says which of them are no data any more.
 *
 * <p>One thread.
 *
 * <p>Source: {@code Mutation.MutationSerializer}, {@code UnfilteredRowIteratorSerializer}, {@code UnfilteredSerializer} 5.0.9.
 */
public final class MutationDecoder {
    /** Of {@link #kind}: nothing is at hand. */
    public static final int NONE = -1;

    private static final int IS_EMPTY = 0x01;
    private static final int HAS_PARTITION_DELETION = 0x04;
    private static final int HAS_STATIC_ROW = 0x08;
    private static final int HAS_ROW_ESTIMATE = 0x10;
    private static final int KNOWN_FLAGS = IS_EMPTY | HAS_PARTITION_DELETION | HAS_STATIC_ROW | HAS_ROW_ESTIMATE;

    /** The array that all positions are in. */
    public byte[] bytes = new byte[0];

    public UUID tableId = new UUID(0, 0);

    /** Where the update at hand begins, with its table's id. */
    public int updateAt;

    public int keyAt;
    public int keyLength;

    /** Of the partition; {@link RowFormat#NO_TIMESTAMP} when the update does not delete it. */
    public long deletedAt;

    public long deletionTime;

    /** {@link RowFormat#CLUSTERING}, {@link RowFormat#STATIC_CLUSTERING}, the kind of a marker, or {@link #NONE}. */
    public int kind = NONE;

    /** How many clustering values there are, and where. */
    public int values;

    public int clusteringAt;
    public int clusteringEnd;

    /** Of a marker: the deletion that ends here; {@link RowFormat#NO_TIMESTAMP} for none. */
    public long closedDeletedAt;

    public long closedDeletionTime;

    /** The deletion that is open behind the row or marker at hand; {@link RowFormat#NO_TIMESTAMP} for none. */
    public long openDeletedAt;

    public long openDeletionTime;

    private final boolean unsignedDeletionTimes;
    private final Function<UUID, Optional<TableSchema>> schemas;
    private @Nullable TableSchema schema;
    private @Nullable RowLayout layout;
    private @Nullable RowWalker row;
    private KnownColumns known = new KnownColumns(null);
    private int at;
    private int end;
    private long updatesLeft;
    private boolean inUpdate;
    private boolean inRow;
    private boolean staticToCome;
    private boolean estimateToCome;
    private int previousKind;
    private int previousAt;
    private int previousValues;

    /** @param schemas by table id; asked for each update, so it should be quick */
    public MutationDecoder(SegmentVersion version, Function<UUID, Optional<TableSchema>> schemas) {
        this.unsignedDeletionTimes = version.hasUnsignedDeletionTimes();
        this.schemas = schemas;
    }

    /** Begins a mutation. */
    public void start(byte[] in, int from, int length) {
        bytes = in;
        at = from;
        end = from + length;
        kind = NONE;
        inUpdate = false;
        inRow = false;
        updatesLeft = 0;
        long count = vint();
        // Each has at least a table id, a key and flags.
        if (count < 1 || count > length / 18) {
            throw malformed("a mutation of " + length + " bytes says that it has " + count + " updates");
        }
        updatesLeft = count;
    }

    /** Begins one partition update that stands alone, as a journal segment holds it: without the count of a mutation. */
    public void startUpdate(byte[] in, int from, int length) {
        bytes = in;
        at = from;
        end = from + length;
        kind = NONE;
        inUpdate = false;
        inRow = false;
        updatesLeft = 1;
    }

    /**
     * Goes to the next partition update.
     *
     * @throws MalformedException the bytes are no mutation of these tables
     * @throws UnknownSchemaException a table or column is not known
     */
    public boolean nextUpdate() {
        while (next()) {
            // Passed over.
        }
        if (updatesLeft == 0) {
            if (at != end) {
                throw malformed((end - at) + " bytes behind the last update");
            }
            return false;
        }
        updatesLeft--;
        updateAt = at;
        need(16);
        tableId = new UUID(VInts.long8(bytes, at), VInts.long8(bytes, at + 8));
        at += 16;
        TableSchema table = schemas.apply(tableId)
                .orElseThrow(() -> new UnknownSchemaException(tableId, "there is no schema of table id " + tableId));
        schema = table;
        if (known.table != table) {
            known = new KnownColumns(table);
        }
        keyLength = length();
        keyAt = at;
        at += keyLength;
        need(1);
        int flags = bytes[at++] & 0xff;
        if ((flags & ~KNOWN_FLAGS) != 0) {
            throw malformed("an update has flags " + flags);
        }
        deletedAt = RowFormat.NO_TIMESTAMP;
        deletionTime = RowFormat.NO_DELETION_TIME;
        openDeletedAt = RowFormat.NO_TIMESTAMP;
        openDeletionTime = RowFormat.NO_DELETION_TIME;
        previousKind = NONE;
        inUpdate = (flags & IS_EMPTY) == 0;
        if (inUpdate) {
            header(table, flags);
        } else {
            header(table, new EncodingBase(0, 0, 0), known.none(), known.none());
        }
        return true;
    }

    private void header(TableSchema table, int flags) {
        EncodingBase base = new EncodingBase(
                vint() + EncodingBase.TIMESTAMP_EPOCH, vint32() + EncodingBase.DELETION_TIME_EPOCH, (int) vint32());
        ColumnLayout statics = (flags & HAS_STATIC_ROW) != 0 ? columns(table, true) : known.none();
        RowLayout made = header(table, base, statics, columns(table, false));
        if ((flags & HAS_PARTITION_DELETION) != 0) {
            deletedAt = vint() + base.minTimestamp();
            deletionTime = made.deletionTime(vint32());
        }
        staticToCome = (flags & HAS_STATIC_ROW) != 0;
        estimateToCome = (flags & HAS_ROW_ESTIMATE) != 0;
    }

    private RowLayout header(TableSchema table, EncodingBase base, ColumnLayout statics, ColumnLayout regulars) {
        RowLayout made = new RowLayout(
                base, table.partitionKeyType(), known.clusterings, statics, regulars, unsignedDeletionTimes);
        layout = made;
        row = new RowWalker(made);
        return made;
    }

    private ColumnLayout columns(TableSchema table, boolean isStatic) {
        ColumnLayout same = known.find(isStatic, bytes, at, end);
        if (same != null) {
            at += known.foundLength;
            return same;
        }
        int from = at;
        ColumnLayout made = new ColumnLayout(namedColumns(table, isStatic));
        known.add(isStatic, Arrays.copyOfRange(bytes, from, at), made);
        return made;
    }

    private List<ColumnSchema> namedColumns(TableSchema table, boolean isStatic) {
        long count = vint();
        if (count < 0 || count > end - at) {
            throw malformed("an update of " + count + " columns in " + (end - at) + " bytes");
        }
        List<ColumnSchema> out = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            int length = length();
            String name = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            out.add(column(table, name, isStatic));
        }
        return out;
    }

    private ColumnSchema column(TableSchema table, String name, boolean isStatic) {
        for (ColumnSchema column : isStatic ? table.statics() : table.regulars()) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        DroppedColumn dropped = table.dropped().get(name);
        if (dropped == null || dropped.column().isStatic() != isStatic) {
            throw new UnknownSchemaException(
                    tableId,
                    "table " + table.keyspace() + "." + table.table() + " has no " + (isStatic ? "static " : "")
                            + "column " + name);
        }
        if (dropped.column().type() instanceof TupleType) {
            // Cassandra keeps a tuple of a dropped user-defined type, frozen or not: its bytes might be cells or one
            // value.
            throw new UnknownSchemaException(
                    tableId,
                    "table " + table.keyspace() + "." + table.table() + " has dropped column " + name
                            + ", which was of a tuple or a user-defined type: the schema from before is needed");
        }
        return dropped.column();
    }

    /** Of the update at hand. */
    public TableSchema schema() {
        return present(schema);
    }

    /** Which columns the update has, in the order of {@link RowWalker#column}. */
    public RowLayout layout() {
        return present(layout);
    }

    /** Started when a row is at hand. */
    public RowWalker row() {
        return present(row);
    }

    private static <T> T present(@Nullable T thing) {
        if (thing == null) {
            throw new IllegalStateException("no update is at hand");
        }
        return thing;
    }

    /** Cells of this column with this timestamp or an older one are no data any more; {@code Long.MIN_VALUE} for none. */
    public long droppedAt(ColumnSchema column) {
        DroppedColumn dropped = schema().dropped().get(column.name());
        return dropped == null ? Long.MIN_VALUE : dropped.droppedAtMicros();
    }

    /** Where the update at hand ends, once {@link #next} has said that there is no more of it. */
    public int updateEnd() {
        if (inUpdate) {
            throw new IllegalStateException("the update was not read to its end");
        }
        return at;
    }

    /** Goes to the next row or marker of the update at hand; the static row is the first. */
    public boolean next() {
        if (!inUpdate) {
            return false;
        }
        if (inRow) {
            leaveRow();
        }
        kind = NONE;
        if (staticToCome) {
            staticToCome = false;
            staticRow();
            return true;
        }
        if (estimateToCome) {
            estimateToCome = false;
            vint32();
        }
        need(1);
        int flags = bytes[at++] & 0xff;
        if ((flags & RowFormat.END_OF_PARTITION) != 0) {
            if (flags != RowFormat.END_OF_PARTITION || openDeletedAt != RowFormat.NO_TIMESTAMP) {
                throw malformed("an update ends with flags " + flags
                        + (openDeletedAt == RowFormat.NO_TIMESTAMP ? "" : " and an open range tombstone"));
            }
            inUpdate = false;
            return false;
        }
        if ((flags & RowFormat.IS_MARKER) != 0) {
            marker(flags);
        } else {
            regularRow(flags);
        }
        requireOrder();
        return true;
    }

    private void leaveRow() {
        RowWalker walker = row();
        while (walker.nextColumn()) {
            // Passed over.
        }
        at = walker.finish(false);
        inRow = false;
    }

    private void staticRow() {
        need(2);
        int flags = bytes[at] & 0xff;
        int extended = bytes[at + 1] & 0xff;
        at += 2;
        int wrong = RowFormat.END_OF_PARTITION | RowFormat.IS_MARKER;
        if ((flags & wrong) != 0
                || (flags & RowFormat.HAS_EXTENDED_FLAGS) == 0
                || (extended & ~RowFormat.IS_SHADOWABLE) != RowFormat.IS_STATIC) {
            throw malformed("a static row has flags " + flags + " and " + extended);
        }
        kind = RowFormat.STATIC_CLUSTERING;
        values = 0;
        clusteringAt = at;
        clusteringEnd = at;
        row().start(true, flags, extended, bytes, at, end);
        inRow = true;
    }

    private void regularRow(int flags) {
        int extended = 0;
        if ((flags & RowFormat.HAS_EXTENDED_FLAGS) != 0) {
            need(1);
            extended = bytes[at++] & 0xff;
            if ((extended & ~RowFormat.IS_SHADOWABLE) != 0) {
                throw malformed("a row has extended flags " + extended);
            }
        }
        kind = RowFormat.CLUSTERING;
        clustering(layout().clusterings().size());
        row().start(false, flags, extended, bytes, at, end);
        inRow = true;
    }

    private void clustering(int count) {
        Clusterings clusterings = layout().clusterings();
        values = count;
        clusteringAt = at;
        at = clusterings.skip(bytes, at, end, count);
        clusteringEnd = at;
    }

    private void marker(int flags) {
        need(3);
        kind = bytes[at];
        int count = VInts.unsignedShort(bytes, at + 1);
        at += 3;
        if (flags != RowFormat.IS_MARKER
                || kind < 0
                || kind > RowFormat.EXCL_START_BOUND
                || kind == RowFormat.STATIC_CLUSTERING
                || kind == RowFormat.CLUSTERING
                || count > layout().clusterings().size()) {
            throw malformed(
                    "a range tombstone marker of kind " + kind + " has flags " + flags + " and " + count + " values");
        }
        clustering(count);
        closedDeletedAt = RowFormat.NO_TIMESTAMP;
        closedDeletionTime = RowFormat.NO_DELETION_TIME;
        if (RowFormat.closes(kind)) {
            closedDeletedAt = vint() + layout().header().base().minTimestamp();
            closedDeletionTime = layout().deletionTime(vint32());
        }
        if (closedDeletedAt != openDeletedAt || closedDeletionTime != openDeletionTime) {
            throw malformed("a range tombstone marker of kind " + kind + " does not fit the one before");
        }
        openDeletedAt = RowFormat.NO_TIMESTAMP;
        openDeletionTime = RowFormat.NO_DELETION_TIME;
        if (RowFormat.opens(kind)) {
            openDeletedAt = vint() + layout().header().base().minTimestamp();
            openDeletionTime = layout().deletionTime(vint32());
        }
    }

    private void requireOrder() {
        if (previousKind != NONE
                && layout().clusterings()
                                .compare(
                                        previousKind,
                                        bytes,
                                        previousAt,
                                        previousValues,
                                        kind,
                                        bytes,
                                        clusteringAt,
                                        values)
                        >= 0) {
            throw malformed("what is of kind " + kind + " is not behind the one before, of kind " + previousKind);
        }
        previousKind = kind;
        previousAt = clusteringAt;
        previousValues = values;
    }

    /** A length that comes with its vint, of what is there. */
    private int length() {
        long length = vint();
        if (length < 0 || length > end - at) {
            throw malformed("a length of " + length + " where " + (end - at) + " bytes are left");
        }
        return (int) length;
    }

    private long vint32() {
        long value = vint();
        if ((int) value != value) {
            throw malformed("a number of 32 bits is " + value);
        }
        return value;
    }

    private long vint() {
        need(1);
        int length = VInts.length(bytes, at);
        need(length);
        long value = VInts.unsigned(bytes, at);
        at += length;
        return value;
    }

    private void need(int count) {
        if (count > end - at) {
            throw malformed("the mutation ends within something");
        }
    }

    private MalformedException malformed(String what) {
        return new MalformedException("at " + at + ", " + (end - at) + " before the end of the mutation: " + what);
    }
}
