package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.write.CompressionOptions;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.codec.sstable.write.SSTableWriterOptions;
import dev.hindsight.codec.sstable.write.WriteListener;
import dev.hindsight.codec.sstable.write.WrittenSSTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleNewTracker;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.SequenceBasedSSTableId;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.big.BigTableWriter;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;

/** The same partitions in two SSTables: one by Cassandra's own writer, one by that of module codec. */
final class WrittenPair {
    private static final LifecycleNewTracker UNTRACKED = new LifecycleNewTracker() {
        @Override
        public void trackNew(SSTable table) {}

        @Override
        public void untrackNew(SSTable table) {}

        @Override
        public OperationType opType() {
            return OperationType.COMPACTION;
        }
    };

    final TableMetadata table;
    final Descriptor theirs;
    final Descriptor ours;
    final WrittenSSTable written;

    /** Gives its argument all partitions, in order; called once for each writer. */
    interface Source {
        void feed(Consumer<UnfilteredRowIterator> to);
    }

    private WrittenPair(TableMetadata table, Descriptor theirs, Descriptor ours, WrittenSSTable written) {
        this.table = table;
        this.theirs = theirs;
        this.ours = ours;
        this.written = written;
    }

    static WrittenPair write(
            TableMetadata table, Path directory, String version, SerializationHeader header, long keys, Source source) {
        Version format = BigFormat.getInstance().getVersion(version);
        Descriptor theirs = theirs(table, directory.resolve("theirs"), format, header, keys, source);
        SSTableWriterOptions options =
                options(table, directory.resolve("ours"), version, header, keys, WriteListener.NONE);
        WrittenSSTable written;
        try (SSTableWriter writer = new SSTableWriter(options)) {
            Reencoding reencoding = new Reencoding(header, format, writer);
            source.feed(reencoding::append);
            written = writer.finish();
        }
        Descriptor ours = new Descriptor(
                format, new File(directory.resolve("ours")), table.keyspace, table.name, new SequenceBasedSSTableId(1));
        return new WrittenPair(table, theirs, ours, written);
    }

    static SSTableWriterOptions options(
            TableMetadata table,
            Path directory,
            String version,
            SerializationHeader header,
            long keys,
            WriteListener listener) {
        Map<String, String> compression = new HashMap<>(table.params.compression.asMap());
        return new SSTableWriterOptions(
                directory,
                version.equals("nb") ? SSTableVersion.NB : SSTableVersion.OA,
                1,
                Reencoding.rowHeader(header),
                CompressionOptions.of(compression),
                table.params.bloomFilterFpChance,
                table.params.minIndexInterval,
                keys,
                false,
                listener);
    }

    private static Descriptor theirs(
            TableMetadata table,
            Path directory,
            Version version,
            SerializationHeader header,
            long keys,
            Source source) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Descriptor descriptor =
                new Descriptor(version, new File(directory), table.keyspace, table.name, new SequenceBasedSSTableId(1));
        BigTableWriter writer = new BigTableWriter.Builder(descriptor)
                .setTableMetadataRef(TableMetadataRef.forOfflineTools(table))
                .setKeyCount(keys)
                .setRepairedAt(0)
                .setPendingRepair(null)
                .setTransientSSTable(false)
                .setSerializationHeader(header)
                .setMetadataCollector(new OutputStatistics(table.comparator))
                .addDefaultComponents(List.of())
                .build(UNTRACKED, null);
        source.feed(writer::append);
        writer.finish(false);
        return descriptor;
    }

    /** All components are the same, byte by byte. */
    void assertSame(String as) {
        Map<String, Path> expected = components(theirs);
        Map<String, Path> actual = components(ours);
        assertThat(actual.keySet()).as(as).isEqualTo(expected.keySet());
        expected.forEach((name, file) ->
                assertThat(actual.get(name)).as("%s: %s", as, name).hasSameBinaryContentAs(file));
    }

    static Map<String, Path> components(Descriptor descriptor) {
        try (Stream<Path> files = Files.list(descriptor.directory.toPath())) {
            Map<String, Path> out = new TreeMap<>();
            files.forEach(file -> out.put(file.getFileName().toString(), file));
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path data(Descriptor descriptor) {
        return Replicas.data(descriptor);
    }
}
