package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.merge.MergeCounts;
import dev.hindsight.synthesis.merge.NeedsLongExpiry;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.rows.AbstractUnfilteredRowIterator;
import org.apache.cassandra.db.rows.DeserializationHelper;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.SSTableSimpleIterator;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.DataInputBuffer;
import org.apache.cassandra.io.util.RandomAccessReader;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * The cursor merge alone, without our readers and writers: bytes come from Cassandra's reader, and what the merge appends is
 * decoded by Cassandra's.
 */
final class CursorMerge {
    private final TableMetadata table;
    private final TableSchema schema;
    private final List<byte[]> data = new ArrayList<>();
    private final List<SerializationHeader> headers = new ArrayList<>();
    private final List<String> versions = new ArrayList<>();
    private final EncodingStats.Collector minima = new EncodingStats.Collector();
    private final RegularAndStaticColumns.Builder columns = RegularAndStaticColumns.builder();
    PurgePolicy purge = new PurgePolicy.KeepTombstones();
    TtlPolicy ttl = new TtlPolicy.Keep();
    long now = RandomWrites.NOW;
    int windowBytes = 300;

    CursorMerge(TableDefinition definition) {
        CassandraRuntime.start();
        this.table = TableSchemas.parse(definition);
        this.schema = DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl());
    }

    void add(Path dataFile) {
        SSTableReader reader = SSTables.open(table, dataFile);
        try (RandomAccessReader in = reader.openDataReader()) {
            byte[] all = new byte[(int) in.length()];
            in.readFully(all);
            add(all, reader.descriptor.version.toString(), reader.header, reader.getSSTableMetadata());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            reader.selfRef().release();
        }
    }

    private void add(byte[] bytes, String version, SerializationHeader header, StatsMetadata stats) {
        data.add(bytes);
        versions.add(version);
        headers.add(header);
        minima.updateTimestamp(stats.minTimestamp);
        minima.updateLocalDeletionTime(stats.minLocalDeletionTime);
        minima.updateTTL(stats.minTTL);
        for (ColumnMetadata column : header.columns()) {
            ColumnMetadata now = table.getColumn(column.name);
            if (now != null && now.isStatic() == column.isStatic()) {
                columns.add(now);
            }
        }
    }

    /** The bytes of one input, to be damaged. */
    byte[] bytes(int input) {
        return data.get(input);
    }

    Result run() {
        try {
            return run("nb");
        } catch (NeedsLongExpiry e) {
            return run("oa");
        }
    }

    private Result run(String version) {
        SerializationHeader target = new SerializationHeader(true, table, columns.build(), minima.get());
        List<RowCursor> cursors = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            cursors.add(new RowCursor(
                    i,
                    new RowLayout(header(headers.get(i)), !versions.get(i).startsWith("nb")),
                    new PiecewiseWindow(data.get(i), windowBytes),
                    TokenRanges.FULL));
        }
        Collector collector = new Collector();
        RowLayout output = new RowLayout(header(target), !version.equals("nb"));
        MergeCounts counts = new PartitionMerge(
                        cursors, output, schema.dropped(), purge, ttl, now, TokenRanges.FULL, collector)
                .run();
        return new Result(counts, collector, version, target, table);
    }

    static RowHeader header(SerializationHeader header) {
        EncodingStats stats = header.stats();
        List<CassandraType> clustering = new ArrayList<>();
        for (AbstractType<?> type : header.clusteringTypes()) {
            clustering.add(TypeNames.parse(type.toString()));
        }
        return new RowHeader(
                new EncodingBase(stats.minTimestamp, stats.minLocalDeletionTime, stats.minTTL),
                TypeNames.parse(header.keyType().toString()),
                clustering,
                columns(header, true),
                columns(header, false));
    }

    private static List<ColumnSchema> columns(SerializationHeader header, boolean isStatic) {
        List<ColumnSchema> out = new ArrayList<>();
        for (ColumnMetadata column : header.columns(isStatic)) {
            out.add(new ColumnSchema(
                    column.name.toString(),
                    isStatic ? ColumnSchema.Kind.STATIC : ColumnSchema.Kind.REGULAR,
                    TypeNames.parse(header.getType(column).toString()),
                    -1));
        }
        return out;
    }

    /** What came out. */
    record Result(
            MergeCounts counts, Collector collector, String version, SerializationHeader header, TableMetadata table) {

        List<String> dump() {
            Version format = BigFormat.getInstance().getVersion(version);
            List<String> out = new ArrayList<>();
            try (DataInputBuffer in = new DataInputBuffer(collector.bytes.toByteArray())) {
                while (in.available() > 0) {
                    SSTables.dump(partition(in, format), out);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out;
        }

        private UnfilteredRowIterator partition(DataInputBuffer in, Version format) throws IOException {
            DecoratedKey key = table.partitioner.decorateKey(ByteBufferUtil.readWithShortLength(in));
            DeletionTime deletion = DeletionTime.getSerializer(format).deserialize(in);
            DeserializationHelper helper = new DeserializationHelper(
                    table, format.correspondingMessagingVersion(), DeserializationHelper.Flag.LOCAL);
            SSTableSimpleIterator rows = SSTableSimpleIterator.create(table, in, header, helper, deletion);
            Row statics = rows.readStaticRow();
            return new AbstractUnfilteredRowIterator(
                    table, key, deletion, header.columns(), statics, false, header.stats()) {
                @Override
                protected Unfiltered computeNext() {
                    return rows.hasNext() ? rows.next() : endOfData();
                }
            };
        }
    }

    /** Keeps all bytes and sums the statistics. */
    static final class Collector implements PartitionSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final PartitionStatistics sum = new PartitionStatistics();
        int unfiltereds;

        @Override
        public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {}

        @Override
        public void append(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void endHeader() {}

        @Override
        public void unfiltered(
                int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
            unfiltereds++;
        }

        @Override
        public void add(PartitionStatistics more) {
            sum.minTimestamp = Math.min(sum.minTimestamp, more.minTimestamp);
            sum.maxTimestamp = Math.max(sum.maxTimestamp, more.maxTimestamp);
            sum.minLocalDeletionTime = Math.min(sum.minLocalDeletionTime, more.minLocalDeletionTime);
            sum.maxLocalDeletionTime = Math.max(sum.maxLocalDeletionTime, more.maxLocalDeletionTime);
            sum.minTtl = Math.min(sum.minTtl, more.minTtl);
            sum.maxTtl = Math.max(sum.maxTtl, more.maxTtl);
            sum.rows += more.rows;
            sum.cells += more.cells;
            sum.columnsSet += more.columnsSet;
            sum.hasPartitionLevelDeletions |= more.hasPartitionLevelDeletions;
            sum.hasLegacyCounterShards |= more.hasLegacyCounterShards;
            sum.tombstones += more.tombstones;
        }

        @Override
        public void end(PartitionStatistics statistics) {
            add(statistics);
        }
    }

    /** Gives its bytes in small pieces, into an array that moves. */
    static final class PiecewiseWindow extends Window {
        private final byte[] all;
        private final int piece;
        private int next;
        private boolean started;

        PiecewiseWindow(byte[] all, int piece) {
            super(new byte[0]);
            this.all = all;
            this.piece = piece;
        }

        @Override
        protected void fill(int count) {
            int have = limit - position;
            int more = Math.max(count - have, Math.min(piece, all.length - next));
            if (more > all.length - next) {
                throw new MalformedException("only " + (all.length - next) + " bytes are left of " + more);
            }
            byte[] to = Arrays.copyOfRange(bytes, position, position + have + more);
            System.arraycopy(all, next, to, have, more);
            Arrays.fill(bytes, (byte) 0x55);
            bytes = to;
            position = 0;
            limit = have + more;
            next += more;
        }

        @Override
        public boolean hasMore() {
            return position < limit || next < all.length;
        }

        @Override
        public boolean nextSection() {
            boolean first = !started;
            started = true;
            return first;
        }

        @Override
        public long filePosition() {
            return next - (limit - position);
        }
    }
}
