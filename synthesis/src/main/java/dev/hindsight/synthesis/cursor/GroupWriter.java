package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.write.CompressionOptions;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.codec.sstable.write.SSTableWriterOptions;
import dev.hindsight.codec.sstable.write.WrittenSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes one group's SSTables, the next one whenever Data.db has passed the limit at the end of a partition, or the Bloom filter is full. One thread. */
public final class GroupWriter implements AutoCloseable {
    /** What every output of a task has in common. */
    public record Settings(
            Path outputDirectory,
            SSTableVersion version,
            RowHeader header,
            @Nullable CompressionOptions compression,
            double bloomFilterFpChance,
            int minIndexInterval,
            long maxSSTableBytes,
            IntSupplier ids,
            OutputAccount account) {}

    private final String group;
    private final Settings settings;
    private final long keysPerSSTable;
    private final List<OutputSSTable> done = new ArrayList<>();
    private @Nullable SSTableWriter writer;

    /** @param keysPerSSTable estimate, for the size of Bloom filters */
    public GroupWriter(String group, Settings settings, long keysPerSSTable) {
        this.group = group;
        this.settings = settings;
        this.keysPerSSTable = keysPerSSTable;
    }

    /** For the next partition. */
    public SSTableWriter writer() {
        SSTableWriter current = writer;
        if (current == null) {
            current = new SSTableWriter(new SSTableWriterOptions(
                    directory(),
                    settings.version(),
                    settings.ids().getAsInt(),
                    settings.header(),
                    settings.compression(),
                    settings.bloomFilterFpChance(),
                    settings.minIndexInterval(),
                    keysPerSSTable,
                    false,
                    settings.account()));
            writer = current;
        }
        return current;
    }

    private Path directory() {
        return settings.outputDirectory().resolve(group);
    }

    /** A partition has ended. */
    public void ended() {
        if (writer != null && (writer.storedBytes() >= settings.maxSSTableBytes() || writer.isFull())) {
            finish();
        }
    }

    /** Closes the current SSTable, if any. */
    public void finish() {
        SSTableWriter finished = writer;
        if (finished == null) {
            return;
        }
        WrittenSSTable written = finished.finish();
        writer = null;
        ReadBack.check(written, settings.version());
        done.add(new OutputSSTable(
                group,
                written.descriptor(),
                written.files(),
                written.firstToken(),
                written.lastToken(),
                written.partitions(),
                written.rows()));
    }

    public List<OutputSSTable> done() {
        return done;
    }

    /** Deletes all that was written here, and nothing else that may lie in the directory. */
    public void discard() {
        close();
        for (OutputSSTable output : done) {
            for (Path file : output.files()) {
                ScratchDirectory.delete(file);
            }
        }
        if (isEmpty(directory())) {
            ScratchDirectory.delete(directory());
        }
    }

    private static boolean isEmpty(Path directory) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives up an SSTable that was not finished. */
    @Override
    public void close() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }
}
