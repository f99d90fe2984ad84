package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.PartitionIndex;
import dev.hindsight.codec.sstable.read.Section;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.synthesis.InputSSTable;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** An input whose wanted bytes are all here, and checked if they were copied. Owns its scratch directory and files; close it once. One thread. */
public final class FetchedInput implements AutoCloseable {
    private final InputSSTable input;
    private final SSTableVersion version;
    private final ScratchDirectory directory;
    private final DataFile data;
    private final DecodedStatistics statistics;
    private final RowHeader header;
    private final Supplier<PartitionIndex> index;
    private final List<Section> sections;

    FetchedInput(
            InputSSTable input,
            SSTableVersion version,
            ScratchDirectory directory,
            DataFile data,
            DecodedStatistics statistics,
            RowHeader header,
            Supplier<PartitionIndex> index,
            List<Section> sections) {
        this.input = input;
        this.version = version;
        this.directory = directory;
        this.data = data;
        this.statistics = statistics;
        this.header = header;
        this.index = index;
        this.sections = List.copyOf(sections);
    }

    public InputSSTable input() {
        return input;
    }

    public SSTableVersion version() {
        return version;
    }

    public DecodedStatistics statistics() {
        return statistics;
    }

    public RowHeader header() {
        return header;
    }

    /** Where the wanted partitions are in the content of Data.db; in order, apart, never empty. */
    public List<Section> sections() {
        return sections;
    }

    /** Where Statistics.db and CompressionInfo.db or CRC.db are, under their own names. */
    public Path directory() {
        return directory.path();
    }

    /** The sparse copy of Data.db, or Data.db itself when it is read in place. */
    public Path dataFile() {
        return data.path();
    }

    /**
     * Over the sections, from their start. Several may be open, used by one thread.
     *
     * @param bufferBytes see {@link FetchedInputs#windowBytes}
     * @param room for all windows of the thread
     */
    public Window window(int bufferBytes, StoredBytes room) {
        return data.window(sections, bufferBytes, room);
    }

    /** Over other sections; their chunks must be among those fetched. */
    public Window window(List<Section> others, int bufferBytes) {
        return data.window(others, bufferBytes, new StoredBytes());
    }

    /** The index anew, read where it is and not from a copy. */
    public PartitionIndex openIndex() {
        return index.get();
    }

    /** Content bytes of Data.db. */
    public long dataLength() {
        return data.chunks().dataLength();
    }

    /** Partitions of the whole SSTable. */
    public long partitions() {
        return statistics.contents().partitions();
    }

    /** Partitions of the sections, estimated by their share of the bytes. */
    public long wantedPartitions() {
        long wanted = 0;
        for (Section section : sections) {
            wanted += section.end() - section.start();
        }
        return (long) Math.ceil((double) wanted / dataLength() * partitions());
    }

    /** What the sections take of Data.db as it is stored, boundary chunks counted by share. */
    public double storedBytes() {
        double sum = 0;
        for (Section section : sections) {
            sum += data.chunks().storedBytes(section.start(), section.end());
        }
        return sum;
    }

    @Override
    public void close() {
        data.close();
        directory.close();
    }
}
