package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Bound;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Contents;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Histogram;
import dev.hindsight.codec.sstable.read.DecodedStatistics.LogInterval;
import dev.hindsight.codec.sstable.read.DecodedStatistics.LogPosition;
import dev.hindsight.codec.sstable.read.DecodedStatistics.TombstoneBin;
import dev.hindsight.codec.sstable.read.NamedHeader.NamedColumn;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads Statistics.db, every checksum of it verified.
 * <pre>
 *   | count 4 | crc 4 | (type 4 | offset 4) * count | crc 4 | (section | crc 4) * count |
 * </pre>
 * The first two checksums run on from the first byte, each section's is of its own; types are 0 validation, 1 compaction,
 * 2 statistics, 3 serialization header.
 *
 * <p>Source: {@code MetadataSerializer}, {@code StatsMetadataSerializer} 5.0.9.
 */
public final class StatisticsReader {
    /** Two histograms, two keys and two clusterings make no more by far. */
    public static final long MAX_FILE_BYTES = 16 << 20;

    private static final int VALIDATION = 0;
    private static final int COMPACTION = 1;
    private static final int CONTENTS = 2;
    private static final int HEADER = 3;
    private static final int SECTIONS = 4;
    private static final int CHECKSUM_BYTES = 4;
    private static final int CLUSTERING_KINDS = 10;
    private static final long LEGACY_MAX_DELETION_TIME = Integer.MAX_VALUE - 1;
    private static final long MAX_DELETION_TIME = 0xffffffffL - 2;
    private static final int UNSIGNED_NO_DELETION_TIME = -1;

    private final byte[] file;
    private final SSTableVersion version;

    private StatisticsReader(byte[] file, SSTableVersion version) {
        this.file = file;
        this.version = version;
    }

    /**
     * @param file the whole of it
     * @throws MalformedException a checksum is wrong, or the bytes do not fit
     * @throws UnsupportedException a column's name is no text, or a clustering type is not one of Cassandra's
     */
    public static DecodedStatistics read(byte[] file, SSTableVersion version) {
        return new StatisticsReader(file, version).read();
    }

    private DecodedStatistics read() {
        @Nullable ByteCursor[] sections = sections();
        if (sections[VALIDATION] == null || sections[CONTENTS] == null || sections[HEADER] == null) {
            throw new MalformedException(Components.STATISTICS + " lacks a section");
        }
        ByteCursor validation = sections[VALIDATION];
        String partitioner = validation.readUtf();
        double bloomFilterFpChance = validation.readDouble();
        NamedHeader header = header(sections[HEADER]);
        Contents contents = contents(sections[CONTENTS]);
        Optional<Cardinality> cardinality = Optional.empty();
        if (sections[COMPACTION] != null) {
            cardinality =
                    Optional.of(new Cardinality(sections[COMPACTION].readBytes(sections[COMPACTION].readIntCount(1))));
        }
        return new DecodedStatistics(partitioner, bloomFilterFpChance, cardinality, contents, header);
    }

    private @Nullable ByteCursor[] sections() {
        ByteCursor in = new ByteCursor(Components.STATISTICS, file);
        CRC32 crc = new CRC32();
        int count = in.readInt();
        crc.update(file, 0, in.position());
        verify(crc, in.readInt(), "its directory's size");
        if (count < 1 || count > SECTIONS) {
            throw new MalformedException(Components.STATISTICS + ": " + count + " sections");
        }
        int directory = in.position();
        int[] kinds = new int[count];
        int[] offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            kinds[i] = in.readInt();
            offsets[i] = in.readInt();
        }
        crc.update(file, directory, in.position() - directory);
        verify(crc, in.readInt(), "its directory");
        offsets[count] = file.length;
        @Nullable ByteCursor[] sections = new ByteCursor[SECTIONS];
        for (int i = 0; i < count; i++) {
            long length = (long) offsets[i + 1] - offsets[i] - CHECKSUM_BYTES;
            if (offsets[0] != in.position()
                    || offsets[i] < in.position()
                    || length < 0
                    || offsets[i + 1] > file.length
                    || kinds[i] < 0
                    || kinds[i] >= SECTIONS
                    || sections[kinds[i]] != null) {
                throw new MalformedException(Components.STATISTICS + ": section " + i + " of kind " + kinds[i] + " at ["
                        + offsets[i] + "," + offsets[i + 1] + ") of " + file.length);
            }
            crc.reset();
            crc.update(file, offsets[i], (int) length);
            ByteCursor checksum =
                    new ByteCursor(Components.STATISTICS, file, offsets[i] + (int) length, CHECKSUM_BYTES);
            verify(crc, checksum.readInt(), "section " + kinds[i] + " at offset " + offsets[i]);
            sections[kinds[i]] = new ByteCursor(Components.STATISTICS, file, offsets[i], (int) length);
        }
        return sections;
    }

    private static void verify(CRC32 crc, int stored, String what) {
        if ((int) crc.getValue() != stored) {
            throw new MalformedException(Components.STATISTICS + ": " + what + " has CRC32 "
                    + Checksums.text((int) crc.getValue()) + " but " + Checksums.text(stored) + " is stored");
        }
    }

    private Contents contents(ByteCursor in) {
        boolean five = version.isSinceFive();
        Histogram partitionSizes = histogram(in);
        Histogram cellsPerPartition = histogram(in);
        // The upper bound of the intervals, which say it again.
        logPosition(in);
        long minTimestamp = in.readLong();
        long maxTimestamp = in.readLong();
        long minLocalDeletionTime = deletionTime(in);
        long maxLocalDeletionTime = deletionTime(in);
        int minTtl = in.readInt();
        int maxTtl = in.readInt();
        double compressionRatio = in.readDouble();
        List<TombstoneBin> tombstones = tombstones(in);
        int level = in.readInt();
        long repairedAt = in.readLong();
        Optional<List<String>> clusteringTypes = Optional.empty();
        Bound start;
        Bound end;
        if (five) {
            List<String> names = typeNames(in);
            List<CassandraType> parsed = names.stream().map(TypeNames::parse).toList();
            clusteringTypes = Optional.of(names);
            start = bound(in, parsed);
            end = bound(in, parsed);
        } else {
            start = new Bound(Bound.INCLUSIVE_START, shortValues(in));
            end = new Bound(Bound.INCLUSIVE_END, shortValues(in));
        }
        boolean legacyCounterShards = in.readBoolean();
        long columnsSet = in.readLong();
        long rows = in.readLong();
        logPosition(in);
        List<LogInterval> intervals = logIntervals(in);
        Optional<UUID> pendingRepair = in.readBoolean() ? Optional.of(uuid(in)) : Optional.empty();
        boolean isTransient = in.readBoolean();
        Optional<UUID> host = in.readBoolean() ? Optional.of(uuid(in)) : Optional.empty();
        boolean partitionLevelDeletions =
                five ? in.readBoolean() : minLocalDeletionTime != PartitionStatistics.NO_DELETION_TIME;
        return new Contents(
                partitionSizes,
                cellsPerPartition,
                intervals,
                minTimestamp,
                maxTimestamp,
                minLocalDeletionTime,
                maxLocalDeletionTime,
                minTtl,
                maxTtl,
                compressionRatio,
                tombstones,
                level,
                repairedAt,
                start,
                end,
                legacyCounterShards,
                columnsSet,
                rows,
                pendingRepair,
                isTransient,
                host,
                partitionLevelDeletions,
                clusteringTypes,
                five ? Optional.of(in.readBytesWithVintLength()) : Optional.empty(),
                five ? Optional.of(in.readBytesWithVintLength()) : Optional.empty(),
                five ? in.readDouble() : Double.NaN);
    }

    private static Histogram histogram(ByteCursor in) {
        int size = in.readIntCount(16);
        if (size < 2) {
            throw new MalformedException(
                    Components.STATISTICS + ": a histogram of " + size + " buckets before offset " + in.position());
        }
        List<Long> offsets = new ArrayList<>(size);
        List<Long> counts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            long offset = in.readLong();
            // The first offset is there twice.
            if (i > 0) {
                offsets.add(offset);
            }
            counts.add(in.readLong());
        }
        return new Histogram(offsets, counts);
    }

    private long deletionTime(ByteCursor in) {
        int stored = in.readInt();
        if (version.isSinceFive()) {
            return stored == UNSIGNED_NO_DELETION_TIME
                    ? PartitionStatistics.NO_DELETION_TIME
                    : Integer.toUnsignedLong(stored);
        }
        return stored == Integer.MAX_VALUE ? PartitionStatistics.NO_DELETION_TIME : stored;
    }

    /** Out-of-range numbers are taken as Cassandra takes them. */
    private List<TombstoneBin> tombstones(ByteCursor in) {
        // The greatest number of bins there may be.
        in.readInt();
        boolean five = version.isSinceFive();
        int size = in.readIntCount(five ? 12 : 16);
        List<TombstoneBin> bins = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            long time = five ? in.readLong() : (long) in.readDouble();
            long max = five ? MAX_DELETION_TIME : LEGACY_MAX_DELETION_TIME;
            long count = five ? in.readInt() : in.readLong();
            bins.add(new TombstoneBin(time < 0 || time > max ? max : time, (int) Math.min(count, Integer.MAX_VALUE)));
        }
        return bins;
    }

    private static List<Optional<ByteString>> shortValues(ByteCursor in) {
        int size = in.readIntCount(2);
        List<Optional<ByteString>> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(Optional.of(in.readBytesWithShortLength()));
        }
        return values;
    }

    /** {@code kind 1 | size 2 | (header vint, two bits each | values) for every 32}. */
    private static Bound bound(ByteCursor in, List<CassandraType> types) {
        int kind = in.readByte();
        int size = in.readUnsignedShort();
        if (kind < 0 || kind >= CLUSTERING_KINDS || size > types.size()) {
            throw new MalformedException(Components.STATISTICS + ": a covered clustering of kind " + kind + " and "
                    + size + " of " + types.size() + " values before offset " + in.position());
        }
        List<Optional<ByteString>> values = new ArrayList<>(size);
        long header = 0;
        for (int i = 0; i < size; i++) {
            if (i % 32 == 0) {
                header = in.readUnsignedVint();
            }
            boolean isNull = (header >>> (2 * i + 1) & 1) != 0;
            boolean isEmpty = (header >>> (2 * i) & 1) != 0;
            if (isNull) {
                values.add(Optional.empty());
            } else if (isEmpty) {
                values.add(Optional.of(ByteString.EMPTY));
            } else {
                int fixed = types.get(i).fixedLength();
                values.add(Optional.of(
                        fixed == CassandraType.VARIABLE ? in.readBytesWithVintLength() : in.readBytes(fixed)));
            }
        }
        return new Bound(kind, values);
    }

    private static LogPosition logPosition(ByteCursor in) {
        return new LogPosition(in.readLong(), in.readInt());
    }

    private static List<LogInterval> logIntervals(ByteCursor in) {
        int size = in.readIntCount(24);
        List<LogInterval> intervals = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            intervals.add(new LogInterval(logPosition(in), logPosition(in)));
        }
        return intervals;
    }

    private static UUID uuid(ByteCursor in) {
        return new UUID(in.readLong(), in.readLong());
    }

    private static NamedHeader header(ByteCursor in) {
        long timestamp = in.readUnsignedVint() + EncodingBase.TIMESTAMP_EPOCH;
        long deletion = vint32(in) + EncodingBase.DELETION_TIME_EPOCH;
        int ttl = vint32(in);
        EncodingBase base =
                new EncodingBase(timestamp == Long.MIN_VALUE ? EncodingBase.TIMESTAMP_EPOCH : timestamp, deletion, ttl);
        return new NamedHeader(base, typeName(in), typeNames(in), columns(in), columns(in));
    }

    private static int vint32(ByteCursor in) {
        long value = in.readUnsignedVint();
        if (value != (int) value) {
            throw new MalformedException(
                    Components.STATISTICS + ": " + value + " before offset " + in.position() + " is no 32-bit number");
        }
        return (int) value;
    }

    private static List<NamedColumn> columns(ByteCursor in) {
        int size = in.readCount(2);
        List<NamedColumn> columns = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            ByteString name = in.readBytesWithVintLength();
            Optional<String> text = text(name);
            columns.add(new NamedColumn(
                    text.orElseThrow(() -> new UnsupportedException(
                            "the column with the name 0x" + name + " is not one that CQL has made",
                            "only tables made by CQL are supported")),
                    typeName(in)));
        }
        return columns;
    }

    private static List<String> typeNames(ByteCursor in) {
        int size = in.readCount(1);
        List<String> names = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            names.add(typeName(in));
        }
        return names;
    }

    private static String typeName(ByteCursor in) {
        ByteString name = in.readBytesWithVintLength();
        return text(name)
                .orElseThrow(() -> new MalformedException(
                        Components.STATISTICS + ": the type before offset " + in.position() + " is no text"));
    }

    private static Optional<String> text(ByteString bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
