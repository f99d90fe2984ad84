package dev.hindsight.codec.sstable.write;

import com.clearspring.analytics.stream.cardinality.HyperLogLogPlus;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.CassandraType;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Statistics.db: {@code int(4) crc [int(type) int(position)]*4 crc [component crc]*4}, with the components validation (0),
 * compaction (1), stats (2) and header (3). Gathers what they say. Of no host, no commit log, unrepaired, level 0: statistics
 * of another node could make one skip the replay of its own commit log.
 *
 * <p>Source: {@code MetadataSerializer}, {@code MetadataCollector}, {@code StatsMetadata}, {@code CompactionMetadata},
 * {@code ValidationMetadata}, {@code SerializationHeader.Serializer} 5.0.9. One thread.
 */
final class StatisticsFile {
    private static final String PARTITIONER = "org.apache.cassandra.dht.Murmur3Partitioner";
    private static final int COMPONENTS = 4;

    /** Largest bucket 3.5 TB: {@code MetadataCollector.defaultPartitionSizeHistogram}. */
    private static final int SIZE_BUCKETS = 155;

    private static final int CELL_BUCKETS = 118;

    /** {@code Cell.NO_DELETION_TIME_UNSIGNED_INTEGER} is one more. */
    private static final long LAST_DELETION_TIME = 0xfffffffeL;

    private final SSTableWriterOptions options;
    private final boolean oa;
    private final SizeHistogram partitionSizes = new SizeHistogram(SIZE_BUCKETS);
    private final SizeHistogram partitionCells = new SizeHistogram(CELL_BUCKETS);
    private final DropTimeHistogram dropTimes = new DropTimeHistogram();
    private final HyperLogLogPlus keys = new HyperLogLogPlus(13, 25);
    private final CoveredClustering covered;
    private long minTimestamp = Long.MAX_VALUE;
    private long maxTimestamp = Long.MIN_VALUE;
    private long minDeletionTime = Long.MAX_VALUE;
    private long maxDeletionTime = Long.MIN_VALUE;
    private int minTtl = Integer.MAX_VALUE;
    private int maxTtl = Integer.MIN_VALUE;
    private long rows;
    private long columnsSet;
    private long cellsOfPartition;
    private boolean hasPartitionLevelDeletions;
    private boolean hasLegacyCounterShards;

    StatisticsFile(SSTableWriterOptions options) {
        this.options = options;
        this.oa = options.version().isSinceFive();
        this.covered = new CoveredClustering(options.header().clusteringTypes());
    }

    CoveredClustering covered() {
        return covered;
    }

    void add(PartitionStatistics part) {
        for (int i = 0; i < part.tombstones; i++) {
            long time = part.tombstoneTimes[i];
            if (time > LongExpiryException.LAST_NB_DELETION_TIME && !oa) {
                throw new LongExpiryException(time);
            }
            if (time < 0 || time > LAST_DELETION_TIME) {
                throw new MalformedException("local deletion time " + time + " is not one that Cassandra has");
            }
            dropTimes.add(time);
        }
        minTimestamp = Math.min(minTimestamp, part.minTimestamp);
        maxTimestamp = Math.max(maxTimestamp, part.maxTimestamp);
        minDeletionTime = Math.min(minDeletionTime, part.minLocalDeletionTime);
        maxDeletionTime = Math.max(maxDeletionTime, part.maxLocalDeletionTime);
        minTtl = Math.min(minTtl, part.minTtl);
        maxTtl = Math.max(maxTtl, part.maxTtl);
        rows += part.rows;
        columnsSet += part.columnsSet;
        cellsOfPartition += part.cells;
        hasPartitionLevelDeletions |= part.hasPartitionLevelDeletions;
        hasLegacyCounterShards |= part.hasLegacyCounterShards;
    }

    void endPartition(byte[] key, int keyLength, long uncompressedBytes) {
        partitionSizes.add(uncompressedBytes);
        partitionCells.add(cellsOfPartition);
        cellsOfPartition = 0;
        keys.offerHashed(Murmur2.hash(key, keyLength));
    }

    /** What a component's bytes are written to. */
    private interface Body {
        void write(DataOutputStream to) throws IOException;
    }

    void finish(double compressionRatio, byte[] firstKey, byte[] lastKey) {
        byte[][] components = {
            bytes(this::writeValidation),
            bytes(this::writeCompaction),
            bytes(to -> writeStats(to, compressionRatio, firstKey, lastKey)),
            bytes(to -> writeHeader(options.header(), to)),
        };
        byte[] head = directory(components);
        int position = head.length;
        for (byte[] component : components) {
            position += component.length + 4;
        }
        CRC32 crc = new CRC32();
        try (OutputFile file =
                new OutputFile(options.path(Components.STATISTICS), position, options.listener()::other)) {
            file.put(head, 0, head.length);
            for (byte[] component : components) {
                crc.reset();
                crc.update(component, 0, component.length);
                file.put(component, 0, component.length);
                file.putInt4((int) crc.getValue());
            }
            file.finish(options.force());
        }
    }

    /**
     * What lies before the components. Byte by byte on purpose: with ints put through a view of the array into this short
     * loop, a JVM (OpenJDK 17.0.15) was seen to write 0 as the number of component 2 in each SSTable from one instant on
     * ({@code docs/decisions/0016}).
     */
    private static byte[] directory(byte[][] components) {
        CRC32 crc = new CRC32();
        return bytes(to -> {
            ByteArrayOutputStream sizes = new ByteArrayOutputStream();
            new DataOutputStream(sizes).writeInt(COMPONENTS);
            ByteArrayOutputStream entries = new ByteArrayOutputStream();
            DataOutputStream entry = new DataOutputStream(entries);
            int position = 4 + 4 + COMPONENTS * 8 + 4;
            for (int i = 0; i < COMPONENTS; i++) {
                entry.writeInt(i);
                entry.writeInt(position);
                position += components[i].length + 4;
            }
            for (byte[] part : List.of(sizes.toByteArray(), entries.toByteArray())) {
                crc.update(part);
                to.write(part);
                to.writeInt((int) crc.getValue());
            }
        });
    }

    private static byte[] bytes(Body body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 13);
        try (DataOutputStream to = new DataOutputStream(out)) {
            body.write(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void writeValidation(DataOutputStream to) throws IOException {
        to.writeUTF(PARTITIONER);
        to.writeDouble(options.bloomFilterFpChance());
    }

    private void writeCompaction(DataOutputStream to) throws IOException {
        byte[] estimate = keys.getBytes();
        to.writeInt(estimate.length);
        to.write(estimate);
    }

    private void writeStats(DataOutputStream to, double compressionRatio, byte[] firstKey, byte[] lastKey)
            throws IOException {
        partitionSizes.write(to);
        partitionCells.write(to);
        writeNoCommitLogPosition(to);
        boolean hasTimestamps = minTimestamp <= maxTimestamp;
        to.writeLong(hasTimestamps ? minTimestamp : Long.MIN_VALUE);
        to.writeLong(hasTimestamps ? maxTimestamp : Long.MAX_VALUE);
        boolean hasDeletionTimes = minDeletionTime <= maxDeletionTime;
        to.writeInt(deletionTime(hasDeletionTimes ? minDeletionTime : PartitionStatistics.NO_DELETION_TIME));
        to.writeInt(deletionTime(hasDeletionTimes ? maxDeletionTime : PartitionStatistics.NO_DELETION_TIME));
        boolean hasTtls = minTtl <= maxTtl;
        to.writeInt(hasTtls ? minTtl : 0);
        to.writeInt(hasTtls ? maxTtl : 0);
        to.writeDouble(compressionRatio);
        dropTimes.write(to, oa);
        to.writeInt(0); // level
        to.writeLong(0); // repairedAt
        if (oa) {
            writeTypes(options.header().clusteringTypes(), to);
            covered.writeSlice(to);
        } else {
            covered.writeValues(to);
        }
        to.writeBoolean(hasLegacyCounterShards);
        to.writeLong(columnsSet);
        to.writeLong(rows);
        writeNoCommitLogPosition(to);
        to.writeInt(0); // commit-log intervals
        to.writeByte(0); // no pending repair
        to.writeBoolean(false); // not transient
        to.writeByte(0); // no originating host
        if (oa) {
            to.writeBoolean(hasPartitionLevelDeletions);
            writeWithLength(firstKey, to);
            writeWithLength(lastKey, to);
            to.writeDouble(Double.NaN); // token space coverage: only of sharded compaction
            // Cassandra reckons 16 bytes per point of the histogram, writes 12, and pads the component to its
            // reckoning.
            to.write(new byte[4 * dropTimes.size()]);
        }
    }

    /** {@code CommitLogPosition.NONE}. */
    private static void writeNoCommitLogPosition(DataOutputStream to) throws IOException {
        to.writeLong(-1);
        to.writeInt(0);
    }

    private int deletionTime(long time) {
        if (time == PartitionStatistics.NO_DELETION_TIME) {
            return oa ? -1 : Integer.MAX_VALUE;
        }
        return (int) time;
    }

    private static void writeHeader(RowHeader header, DataOutputStream to) throws IOException {
        EncodingBase base = header.base();
        writeUnsignedVInt(base.minTimestamp() - EncodingBase.TIMESTAMP_EPOCH, to);
        writeUnsignedVInt((int) (base.minLocalDeletionTime() - EncodingBase.DELETION_TIME_EPOCH), to);
        writeUnsignedVInt(base.minTtl(), to);
        writeText(header.keyType().className(), to);
        writeTypes(header.clusteringTypes(), to);
        writeColumns(header.statics(), to);
        writeColumns(header.regulars(), to);
    }

    private static void writeColumns(List<ColumnSchema> columns, DataOutputStream to) throws IOException {
        writeUnsignedVInt(columns.size(), to);
        for (ColumnSchema column : columns) {
            writeText(column.name(), to);
            writeText(column.type().className(), to);
        }
    }

    private static void writeTypes(List<CassandraType> types, DataOutputStream to) throws IOException {
        writeUnsignedVInt(types.size(), to);
        for (CassandraType type : types) {
            writeText(type.className(), to);
        }
    }

    private static void writeText(String text, DataOutputStream to) throws IOException {
        writeWithLength(text.getBytes(StandardCharsets.UTF_8), to);
    }

    private static void writeWithLength(byte[] bytes, DataOutputStream to) throws IOException {
        writeUnsignedVInt(bytes.length, to);
        to.write(bytes);
    }

    private static void writeUnsignedVInt(long value, DataOutputStream to) throws IOException {
        byte[] bytes = new byte[VInts.MAX_LENGTH];
        to.write(bytes, 0, VInts.putUnsigned(bytes, 0, value));
    }
}
