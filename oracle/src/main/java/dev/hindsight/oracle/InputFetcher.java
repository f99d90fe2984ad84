package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.io.compress.CompressionMetadata;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTableIdFactory;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.bti.BtiFormat;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.io.util.FileHandle;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Opens fetched inputs with Cassandra's own classes. What was fetched and where the wanted partitions are is not
 * Cassandra's word: tests hold it against a scan of the whole SSTable.
 */
final class InputFetcher {
    private InputFetcher() {}

    /** In the order given; all are closed when one cannot be opened. */
    static List<OpenInput> open(FetchedInputs fetched, TableMetadata table) {
        List<OpenInput> open = new ArrayList<>();
        try {
            for (FetchedInput input : fetched.inputs()) {
                open.add(open(input, table));
            }
            return open;
        } catch (RuntimeException | Error e) {
            open.forEach(OpenInput::close);
            throw e;
        }
    }

    private static OpenInput open(FetchedInput fetched, TableMetadata table) {
        InputSSTable input = fetched.input();
        Version version = version(input);
        Path statisticsFile = file(fetched, Components.STATISTICS);
        Descriptor descriptor = descriptor(input, version, fetched.directory(), table);
        InputStatistics statistics = InputStatistics.load(input, statisticsFile, descriptor, table);
        Path data = fetched.dataFile();
        CompressionMetadata compression = null;
        try {
            FileHandle.Builder builder = new FileHandle.Builder(new File(data));
            if (input.components().containsKey(Components.COMPRESSION)) {
                compression = CompressionMetadata.open(
                        new File(file(fetched, Components.COMPRESSION)),
                        new File(data).length(),
                        version.hasMaxCompressedLength());
                builder.withCompressionMetadata(compression);
            }
            return new OpenInput(
                    fetched,
                    statistics.metadata(),
                    version,
                    statistics.header(),
                    statistics.stats(),
                    statistics.cardinality(),
                    compression,
                    builder.complete());
        } catch (RuntimeException | Error e) {
            if (compression != null) {
                compression.close();
            }
            throw Damage.wrap(input, "opening", e);
        }
    }

    private static Path file(FetchedInput fetched, String component) {
        return fetched.directory().resolve(fetched.input().descriptor() + "-" + component);
    }

    static Version version(InputSSTable input) {
        SSTableVersion version =
                SSTableVersion.find(input.descriptor()).orElseThrow(() -> SSTableVersion.unsupported(input.toString()));
        String format = version.isBti() ? BtiFormat.NAME : BigFormat.NAME;
        return Objects.requireNonNull(DatabaseDescriptor.getSSTableFormats().get(format), format)
                .getVersion(version.text());
    }

    /** Local names keep the input's id as it is, whatever kind of id its node uses. */
    private static Descriptor descriptor(InputSSTable input, Version version, Path directory, TableMetadata table) {
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
}
