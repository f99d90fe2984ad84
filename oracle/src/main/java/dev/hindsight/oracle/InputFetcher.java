package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTableIdFactory;
import org.apache.cassandra.io.sstable.format.SSTableFormat;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.bti.BtiFormat;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Brings one input to scratch: its small components, and of Data.db the chunks that hold its ranges, each checked on
 * arrival. The index is believed only as far as the data confirms it. One thread per input.
 */
final class InputFetcher {
    /** Index summaries sample one key in 128; one of 256 MiB would belong to billions of partitions. */
    private static final long SUMMARY_LIMIT = 256L << 20;

    private static final Set<String> BIG_VERSIONS = Set.of("nb", "oa");
    private static final Set<String> BTI_VERSIONS = Set.of("da");

    private final TableMetadata table;
    private final Scratch scratch;
    private final FetchMeter meter;

    InputFetcher(TableMetadata table, Scratch scratch, FetchMeter meter) {
        this.table = table;
        this.scratch = scratch;
        this.meter = meter;
    }

    /** Null when the input has nothing in its ranges: it then cost only its small components. */
    @Nullable
    OpenInput fetch(InputSSTable input) {
        Version version = version(input);
        ScratchDirectory directory = new ScratchDirectory(scratch, "input-");
        DataFile data = null;
        OpenInput open = null;
        try {
            Path statisticsFile = component(input, Components.STATISTICS).copyTo(directory);
            Descriptor descriptor = descriptor(input, version, directory.path());
            InputStatistics statistics = InputStatistics.load(input, statisticsFile, descriptor, table);
            if (surelyOutside(statistics, version, input.ranges())) {
                return null;
            }
            data = new DataFile(input, component(input, Components.DATA), directory, meter);
            IndexLookup index = lookup(input, version, statistics, data, directory);
            data.fetch(index.sections());
            for (Section section : index.sections()) {
                confirmFirst(input, data, section);
            }
            for (IndexLookup.Neighbour neighbour : index.neighbours()) {
                confirm(input, data, neighbour);
            }
            if (index.sections().isEmpty()) {
                return null;
            }
            open = new OpenInput(
                    input,
                    directory,
                    data,
                    statistics.metadata(),
                    version,
                    statistics.header(),
                    statistics.stats(),
                    statistics.cardinality(),
                    index);
            return open;
        } finally {
            if (open == null) {
                if (data != null) {
                    data.close();
                }
                directory.close();
            }
        }
    }

    static Version version(InputSSTable input) {
        String[] parts = input.descriptor().split("-", -1);
        String version = parts[0];
        SSTableFormat<?, ?> format = null;
        if (parts.length == 3 && BIG_VERSIONS.contains(version) && parts[2].equals(BigFormat.NAME)) {
            format = DatabaseDescriptor.getSSTableFormats().get(BigFormat.NAME);
        } else if (parts.length == 3 && BTI_VERSIONS.contains(version) && parts[2].equals(BtiFormat.NAME)) {
            format = DatabaseDescriptor.getSSTableFormats().get(BtiFormat.NAME);
        }
        if (format == null) {
            throw new UnsupportedException(
                    "SSTable " + input
                            + " has a version or format that cannot be read; supported are nb and oa (big) and"
                            + " da (bti)",
                    "run 'nodetool upgradesstables' on that node, then take the backup again");
        }
        return format.getVersion(version);
    }

    private SourceComponent component(InputSSTable input, String name) {
        return new SourceComponent(input, name, meter);
    }

    /** Local names keep the input's id as it is, whatever kind of id its node uses. */
    private Descriptor descriptor(InputSSTable input, Version version, Path directory) {
        String id = input.descriptor().split("-", -1)[1];
        try {
            return new Descriptor(
                    version, new File(directory), table.keyspace, table.name, SSTableIdFactory.instance.fromString(id));
        } catch (IllegalArgumentException e) {
            throw new UnsupportedException(
                    "SSTable " + input + " has an id that is neither a number nor a UUID",
                    "look where this file came from",
                    e);
        }
    }

    private static boolean surelyOutside(InputStatistics statistics, Version version, TokenRanges ranges) {
        if (!version.hasKeyRange()) {
            return false;
        }
        long first = token(statistics.stats().firstKey);
        long last = token(statistics.stats().lastKey);
        return ranges.ranges().stream().noneMatch(range -> range.start() < last && first <= range.end());
    }

    private static long token(ByteBuffer key) {
        return Murmur3Partitioner.instance.getToken(key).getLongValue();
    }

    private IndexLookup lookup(
            InputSSTable input,
            Version version,
            InputStatistics statistics,
            DataFile data,
            ScratchDirectory directory) {
        if (BtiFormat.is(version.format)) {
            Path partitions = component(input, Components.PARTITIONS).copyTo(directory);
            Path rows = component(input, Components.ROWS).copyTo(directory);
            try (BtiIndex index = new BtiIndex(input, partitions, rows, data)) {
                return index.lookup(input.ranges(), statistics.stats().firstKey, statistics.stats().lastKey);
            }
        }
        return BigIndex.lookup(
                input,
                component(input, Components.INDEX),
                input.ranges(),
                data.chunks().dataLength(),
                lastKey(input, version, statistics));
    }

    private byte @Nullable [] lastKey(InputSSTable input, Version version, InputStatistics statistics) {
        if (version.hasKeyRange()) {
            return ByteBufferUtil.getArray(statistics.stats().lastKey);
        }
        // Cassandra makes a missing summary anew, so a live node may well lack one.
        if (!input.components().containsKey(Components.SUMMARY)) {
            return null;
        }
        return lastKeyOfSummary(input, component(input, Components.SUMMARY).readWhole(SUMMARY_LIMIT));
    }

    /** {@code interval 4 | entries 4 | size 8 | level 4 | full size 4 | size bytes | first key | last key}. */
    private static byte[] lastKeyOfSummary(InputSSTable input, byte[] bytes) {
        ByteBuffer summary = ByteBuffer.wrap(bytes);
        try {
            long samples = summary.getLong(8);
            if (samples < 0 || samples > bytes.length - 24) {
                throw Damage.of(input, Components.SUMMARY + ": " + samples + " bytes of samples in " + bytes.length);
            }
            summary.position(24 + (int) samples);
            withLength(summary);
            byte[] last = ByteBufferUtil.getArray(withLength(summary));
            if (summary.hasRemaining()) {
                throw Damage.of(input, Components.SUMMARY + ": " + summary.remaining() + " bytes too many");
            }
            return last;
        } catch (RuntimeException e) {
            throw Damage.wrap(input, Components.SUMMARY + " (" + bytes.length + " bytes) cannot be read", e);
        }
    }

    private static ByteBuffer withLength(ByteBuffer from) {
        int length = from.getInt();
        // Checked by the buffer before anything is allocated.
        ByteBuffer out = from.slice(from.position(), length);
        from.position(from.position() + length);
        return out;
    }

    private static void confirmFirst(InputSSTable input, DataFile data, Section section) {
        if (section.firstKey() != null && !Arrays.equals(section.firstKey(), data.keyAt(section.start()))) {
            throw Damage.of(
                    input,
                    "index: another partition is at position " + section.start() + " of " + Components.DATA + " than it"
                            + " says; its tokens are " + section.tokens());
        }
    }

    private static void confirm(InputSSTable input, DataFile data, IndexLookup.Neighbour neighbour) {
        long token = token(ByteBuffer.wrap(data.keyAt(neighbour.position())));
        if (token <= neighbour.afterToken() || token > neighbour.upToToken()) {
            throw Damage.of(
                    input,
                    "index: the partition at position " + neighbour.position() + " of " + Components.DATA
                            + " has token " + token + " and not one in (" + neighbour.afterToken() + ","
                            + neighbour.upToToken() + "]");
        }
    }
}
