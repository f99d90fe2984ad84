package dev.hindsight.codec.row;

import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.CassandraType;
import java.util.ArrayList;
import java.util.List;

/**
 * How the rows of one SSTable or one mutation are coded. Immutable, safe for all threads.
 *
 * <p>Source: {@code SerializationHeader} 5.0.9.
 */
public final class RowLayout {
    final long minTimestamp;
    final long minDeletionTime;
    final int minTtl;
    final boolean unsignedDeletionTimes;
    private final RowHeader header;
    private final Clusterings clusterings;
    private final ColumnLayout statics;
    private final ColumnLayout regulars;

    /**
     * @param unsignedDeletionTimes whether deletion times are unsigned (oa and da, messages of 5.0), so that one beyond 2038
     *     is a time; else (nb, messages of 4.0 and 4.1) it is an overflow
     */
    public RowLayout(RowHeader header, boolean unsignedDeletionTimes) {
        this.header = header;
        this.minTimestamp = header.base().minTimestamp();
        this.minDeletionTime = header.base().minLocalDeletionTime();
        this.minTtl = header.base().minTtl();
        this.unsignedDeletionTimes = unsignedDeletionTimes;
        this.clusterings = new Clusterings(header.clusteringTypes());
        this.statics = new ColumnLayout(header.statics());
        this.regulars = new ColumnLayout(header.regulars());
    }

    /** The same of parts that many layouts share. */
    public RowLayout(
            EncodingBase base,
            CassandraType keyType,
            Clusterings clusterings,
            ColumnLayout statics,
            ColumnLayout regulars,
            boolean unsignedDeletionTimes) {
        this.header = new RowHeader(base, keyType, clusterings.types(), statics.columns(), regulars.columns());
        this.minTimestamp = base.minTimestamp();
        this.minDeletionTime = base.minLocalDeletionTime();
        this.minTtl = base.minTtl();
        this.unsignedDeletionTimes = unsignedDeletionTimes;
        this.clusterings = clusterings;
        this.statics = statics;
        this.regulars = regulars;
    }

    public RowHeader header() {
        return header;
    }

    public Clusterings clusterings() {
        return clusterings;
    }

    public ColumnLayout statics() {
        return statics;
    }

    public ColumnLayout regulars() {
        return regulars;
    }

    public ColumnLayout columns(boolean isStatic) {
        return isStatic ? statics : regulars;
    }

    public boolean hasUnsignedDeletionTimes() {
        return unsignedDeletionTimes;
    }

    /** Whether numbers count from the same base. */
    public boolean hasBaseOf(RowLayout other) {
        return minTimestamp == other.minTimestamp
                && minDeletionTime == other.minDeletionTime
                && minTtl == other.minTtl
                && unsignedDeletionTimes == other.unsignedDeletionTimes;
    }

    /** Of a deletion (of a row, range or complex column): {@code SerializationHeader.readDeletionTime}. */
    public long deletionTime(long delta) {
        long time = delta + minDeletionTime;
        return time < 0 || time > RowFormat.MAX_DELETION_TIME ? RowFormat.INVALID_DELETION_TIME : time;
    }

    /** Of a cell or of a row's liveness: {@code Cell.decodeLocalDeletionTime}. */
    long cellDeletionTime(long time, int ttl) {
        if (time >= ttl) {
            return time;
        }
        if (time < 0) {
            if (!unsignedDeletionTimes) {
                return RowFormat.INVALID_DELETION_TIME;
            }
            return (int) time == -1 ? RowFormat.NO_DELETION_TIME : time & 0xFFFF_FFFFL;
        }
        return ttl == RowFormat.EXPIRED_LIVENESS_TTL ? time : RowFormat.INVALID_DELETION_TIME;
    }

    /** Whether clusterings can be copied from the one to the other. */
    public boolean hasClusteringsOf(RowLayout other) {
        List<Integer> own = new ArrayList<>();
        List<Integer> others = new ArrayList<>();
        for (CassandraType type : header.clusteringTypes()) {
            own.add(type.fixedLength());
        }
        for (CassandraType type : other.header.clusteringTypes()) {
            others.add(type.fixedLength());
        }
        return own.equals(others);
    }
}
