package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.schema.CompressionParams;
import org.apache.cassandra.schema.TableMetadata;

/** One comparison of engines as a value: a table, what was written to it on which node, and what is asked for. */
record EngineCase(long seed, CaseShape shape, List<Flush> flushes, Settings settings) {
    /**
     * One SSTable.
     *
     * @param generation of the schema, when it was flushed
     * @param version {@code nb}, {@code oa} or {@code da}
     * @param compression CQL options; empty for none
     * @param allColumns whether its header names all columns, or only those with data as a flush has it
     * @param ranges what is asked of it
     */
    record Flush(
            String node,
            int generation,
            String version,
            Map<String, String> compression,
            boolean allColumns,
            TokenRanges ranges,
            List<Write> writes) {
        Flush withWrites(List<Write> other) {
            return new Flush(node, generation, version, compression, allColumns, ranges, other);
        }

        Flush plain() {
            return new Flush(node, generation, version, PLAIN_COMPRESSION, allColumns, TokenRanges.FULL, writes);
        }

        Flush inVersion(String other) {
            return new Flush(node, generation, other, compression, allColumns, ranges, writes);
        }
    }

    /**
     * @param renamed whether the target is another table in another keyspace, which has dropped nothing
     */
    record Settings(
            PurgePolicy purge,
            TtlPolicy ttl,
            long now,
            List<OutputGroup> groups,
            long maxSSTableBytes,
            int firstId,
            boolean renamed) {
        Settings withPolicies(PurgePolicy otherPurge, TtlPolicy otherTtl) {
            return new Settings(otherPurge, otherTtl, now, groups, maxSSTableBytes, firstId, renamed);
        }

        Settings withGroups(List<OutputGroup> other) {
            return new Settings(purge, ttl, now, other, maxSSTableBytes, firstId, renamed);
        }

        Settings undivided() {
            return new Settings(purge, ttl, now, groups, 1L << 40, 1, false);
        }
    }

    static final Map<String, String> PLAIN_COMPRESSION = Map.of("class", "LZ4Compressor");

    /** Local deletion times that nb, and oa and da, can hold at most. */
    private static final long LAST_IN_NB = Cell.MAX_DELETION_TIME_2038_LEGACY_CAP;

    private static final long LAST = Cell.MAX_DELETION_TIME;

    EngineCase withFlushes(List<Flush> other) {
        return new EngineCase(seed, shape, other, settings);
    }

    EngineCase withSettings(Settings other) {
        return new EngineCase(seed, shape, flushes, other);
    }

    EngineCase withShape(CaseShape other) {
        return new EngineCase(seed, other, flushes, settings);
    }

    TableDefinition source() {
        return shape.definition(shape.last());
    }

    TableDefinition target() {
        return settings.renamed() ? shape.named("Other_Ks", "renamed").fresh() : source();
    }

    /** Writes the SSTables, each node's to a directory of its own. */
    List<InputSSTable> write(Path directory) {
        List<InputSSTable> out = new ArrayList<>();
        Map<Integer, TableMetadata> tables = new LinkedHashMap<>();
        int id = 1;
        for (Flush flush : flushes) {
            TableMetadata table = tables.computeIfAbsent(
                    flush.generation(), generation -> asOf(TableSchemas.parse(shape.definition(generation))));
            Descriptor descriptor = write(flush, table, directory.resolve(flush.node()), id++);
            if (descriptor != null) {
                out.add(SSTables.input(flush.node(), descriptor, flush.ranges()));
            }
        }
        return out;
    }

    /** A memtable takes what it is given: only readers and compactions leave out what was dropped. */
    private static TableMetadata asOf(TableMetadata table) {
        return table.unbuild().droppedColumns(Map.of()).build();
    }

    private static @org.jspecify.annotations.Nullable Descriptor write(
            Flush flush, TableMetadata of, Path directory, int id) {
        TableMetadata table = of.unbuild()
                .compression(
                        flush.compression().isEmpty()
                                ? CompressionParams.noCompression()
                                : CompressionParams.fromMap(flush.compression()))
                .build();
        RegularAndStaticColumns columns =
                flush.allColumns() ? table.regularAndStaticColumns() : Write.columns(table, flush.writes());
        Map<DecoratedKey, List<Write>> byKey = new TreeMap<>();
        for (Write write : flush.writes()) {
            byKey.computeIfAbsent(table.partitioner.decorateKey(write.key()), key -> new ArrayList<>())
                    .add(write);
        }
        long last = flush.version().equals("nb") ? LAST_IN_NB : LAST;
        EncodingStats.Collector minima = new EncodingStats.Collector();
        List<PartitionUpdate> updates = new ArrayList<>();
        for (List<Write> ofKey : byKey.values()) {
            PartitionUpdate update = Write.update(table, ofKey, columns, last);
            if (!update.isEmpty()) {
                updates.add(update);
                minima.updateTimestamp(update.stats().minTimestamp);
                minima.updateLocalDeletionTime(update.stats().minLocalDeletionTime);
                minima.updateTTL(update.stats().minTTL);
            }
        }
        if (updates.isEmpty()) {
            return null;
        }
        SerializationHeader header = new SerializationHeader(true, table, columns, minima.get());
        SSTableWriter writer = SSTables.writer(table, directory, flush.version(), id, header, updates.size());
        try {
            for (PartitionUpdate update : updates) {
                try (UnfilteredRowIterator partition = update.unfilteredIterator()) {
                    writer.append(partition);
                }
            }
        } catch (AssertionError e) {
            writer.abort();
            // Cassandra's row index of bti wants another order of some clusterings than its comparators give.
            if (flush.version().equals("da")) {
                return write(flush.inVersion("oa"), of, directory, id);
            }
            throw e;
        }
        writer.finish(false);
        return writer.descriptor;
    }

    SynthesisRequest request(List<InputSSTable> inputs, Path output) {
        return new SynthesisRequest(
                source(),
                target(),
                inputs,
                settings.purge(),
                settings.ttl(),
                settings.now(),
                settings.groups(),
                output,
                settings.firstId(),
                settings.maxSSTableBytes());
    }

    /** All of it as text that a person can read. */
    String text() {
        StringBuilder out = new StringBuilder("seed ").append(seed).append('\n');
        source().types().forEach(type -> out.append(type).append('\n'));
        out.append(source().ddl()).append('\n');
        TableMetadata table = TableSchemas.parse(source());
        for (Flush flush : flushes) {
            out.append("SSTable of ")
                    .append(flush.node())
                    .append(", ")
                    .append(flush.version())
                    .append(", generation ")
                    .append(flush.generation())
                    .append(", ")
                    .append(new TreeMap<>(flush.compression()))
                    .append(flush.allColumns() ? ", all columns, " : ", ")
                    .append(flush.ranges())
                    .append('\n');
            flush.writes()
                    .forEach(write -> out.append("  ").append(write.text(table)).append('\n'));
        }
        return out.append(settings).append('\n').toString();
    }

    int size() {
        return flushes.stream().mapToInt(flush -> flush.writes().size()).sum();
    }

    static ByteBuffer bytes(int size, java.util.Random random) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
