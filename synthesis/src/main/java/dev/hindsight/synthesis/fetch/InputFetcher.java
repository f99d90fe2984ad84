package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.BigIndex;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.PartitionIndex;
import dev.hindsight.codec.sstable.read.Section;
import dev.hindsight.codec.sstable.read.SectionFinder;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.codec.sstable.read.TrieIndex;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings one input to scratch: its small components, and of Data.db the chunks that hold its ranges, each checked on
 * arrival. The index is read only around the ranges' ends, and believed only as far as the data confirm it. One thread
 * per input.
 */
final class InputFetcher {
    private static final String MURMUR3 = "org.apache.cassandra.dht.Murmur3Partitioner";

    private final Scratch scratch;
    private final FetchMeter meter;
    private final LocalInputs local;

    InputFetcher(Scratch scratch, FetchMeter meter, LocalInputs local) {
        this.scratch = scratch;
        this.meter = meter;
        this.local = local;
    }

    /** Null when the input has nothing in its ranges: it then cost only its small components. */
    @Nullable
    FetchedInput fetch(InputSSTable input) {
        SSTableVersion version =
                SSTableVersion.find(input.descriptor()).orElseThrow(() -> SSTableVersion.unsupported(input.toString()));
        try {
            return fetch(input, version);
        } catch (MalformedException e) {
            throw CorruptInputException.of(input, e);
        } catch (UnsupportedException e) {
            throw new UnsupportedException("SSTable " + input + ": " + e.getMessage(), e.hint(), e);
        }
    }

    private @Nullable FetchedInput fetch(InputSSTable input, SSTableVersion version) {
        ScratchDirectory directory = new ScratchDirectory(scratch, "input-");
        DataFile data = null;
        FetchedInput fetched = null;
        try {
            DecodedStatistics statistics = statistics(input, version, directory);
            RowHeader header = header(statistics);
            if (surelyOutside(statistics, input.ranges())) {
                return null;
            }
            data = DataFile.open(input, directory, meter, local);
            DataFile keys = data;
            Supplier<PartitionIndex> index = () -> index(input, version, statistics, keys);
            List<Section> sections = SectionFinder.find(
                    index.get(), input.ranges(), data.chunks().dataLength(), data, new DataEnds(data, header, version));
            data.fetch(sections);
            if (sections.isEmpty()) {
                return null;
            }
            fetched = new FetchedInput(input, version, directory, data, statistics, header, index, sections);
            return fetched;
        } finally {
            if (fetched == null) {
                if (data != null) {
                    data.close();
                }
                directory.close();
            }
        }
    }

    private DecodedStatistics statistics(InputSSTable input, SSTableVersion version, ScratchDirectory directory) {
        SourceComponent component = component(input, Components.STATISTICS);
        if (component.sizeBytes() > StatisticsReader.MAX_FILE_BYTES) {
            throw CorruptInputException.of(input, Components.STATISTICS + " has " + component.sizeBytes() + " bytes");
        }
        Path file = component.copyTo(directory);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw ScratchDirectory.unusable(file, e);
        }
        DecodedStatistics statistics = StatisticsReader.read(bytes, version);
        if (!statistics.partitioner().equals(MURMUR3)) {
            throw new UnsupportedException(
                    "it was written with partitioner " + statistics.partitioner(), "only " + MURMUR3 + " is supported");
        }
        return statistics;
    }

    private static RowHeader header(DecodedStatistics statistics) {
        RowHeader header = statistics.rowHeader();
        boolean counters = Stream.concat(header.statics().stream(), header.regulars().stream())
                .map(ColumnSchema::type)
                .anyMatch(type -> type.isCounter());
        if (counters && statistics.contents().legacyCounterShards()) {
            throw new UnsupportedException(
                    "it has counter shards from before Cassandra 2.1",
                    "run 'nodetool upgradesstables -a' for the table on the nodes first");
        }
        return header;
    }

    private static boolean surelyOutside(DecodedStatistics statistics, TokenRanges ranges) {
        if (statistics.contents().firstKey().isEmpty()
                || statistics.contents().lastKey().isEmpty()) {
            return false;
        }
        long first = Tokens.of(statistics.contents().firstKey().get().toByteArray());
        long last = Tokens.of(statistics.contents().lastKey().get().toByteArray());
        return ranges.ranges().stream().noneMatch(range -> range.start() < last && first <= range.end());
    }

    private PartitionIndex index(
            InputSSTable input, SSTableVersion version, DecodedStatistics statistics, DataFile data) {
        byte[] firstKey = key(statistics.contents().firstKey().orElse(null));
        byte[] lastKey = key(statistics.contents().lastKey().orElse(null));
        if (version.isBti() && firstKey != null && lastKey != null) {
            return new TrieIndex(
                    component(input, Components.PARTITIONS),
                    component(input, Components.ROWS),
                    data,
                    firstKey,
                    lastKey);
        }
        ByteSource summary =
                input.components().containsKey(Components.SUMMARY) ? component(input, Components.SUMMARY) : null;
        return new BigIndex(
                component(input, Components.INDEX), summary, data.chunks().dataLength(), lastKey);
    }

    private static byte @Nullable [] key(@Nullable ByteString key) {
        return key == null ? null : key.toByteArray();
    }

    private SourceComponent component(InputSSTable input, String name) {
        return new SourceComponent(input, name, meter);
    }
}
