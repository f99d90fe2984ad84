package dev.hindsight.oracle;

import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.cassandra.db.ColumnFamilyStore;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.IVerifier;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.big.BigTableReader;
import org.apache.cassandra.io.sstable.format.big.BigTableVerifier;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.apache.cassandra.utils.OutputHandler;

/** What can be said of one output without a second one to hold it against. */
final class OutputCheck {
    private final TableMetadata table;
    private final OutputSSTable output;
    private final List<String> dump = new ArrayList<>();

    OutputCheck(TableMetadata table, OutputSSTable output) {
        this.table = table;
        this.output = output;
    }

    /** Every unfiltered, once {@link #wrong} was called. */
    List<String> dump() {
        return dump;
    }

    Optional<String> wrong() {
        try {
            return files().or(this::whole);
        } catch (RuntimeException | Error e) {
            return Optional.of("Cassandra does not take it: " + e + causes(e));
        }
    }

    private static String causes(Throwable failure) {
        StringBuilder out = new StringBuilder();
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            out.append("\n  by ").append(cause);
        }
        for (StackTraceElement element : failure.getStackTrace()) {
            out.append("\n    at ").append(element);
        }
        return out.toString().lines().limit(16).reduce("", (a, b) -> a + "\n" + b);
    }

    private Optional<String> files() {
        Path directory = Replicas.data(output).getParent();
        try (Stream<Path> all = Files.list(directory)) {
            TreeSet<Path> there = new TreeSet<>(
                    all.filter(file -> file.getFileName().toString().startsWith(output.descriptor() + "-"))
                            .toList());
            if (!there.equals(new TreeSet<>(output.files()))) {
                return Optional.of("files are " + there + " but told " + output.files());
            }
            Path last = output.files().get(output.files().size() - 1);
            if (!last.getFileName().toString().equals(output.descriptor() + "-TOC.txt")) {
                return Optional.of("TOC.txt is not told last: " + output.files());
            }
            TreeSet<String> listed = new TreeSet<>(Files.readAllLines(last));
            TreeSet<String> expected = new TreeSet<>();
            there.forEach(file -> expected.add(
                    file.getFileName().toString().substring(output.descriptor().length() + 1)));
            return StatisticsComparison.differ("TOC.txt", expected, listed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opened as a node opens it, read from end to end, and verified as {@code nodetool verify -e} does. */
    private Optional<String> whole() {
        SSTableReader reader = SSTableReader.open(
                null,
                StatisticsComparison.descriptor(table, output),
                null,
                TableMetadataRef.forOfflineTools(table),
                true,
                false);
        try {
            Optional<String> found = read(reader);
            if (found.isPresent()) {
                return found;
            }
            verify(reader);
            return Optional.empty();
        } finally {
            reader.selfRef().release();
        }
    }

    private Optional<String> read(SSTableReader reader) {
        long partitions = 0;
        long rows = 0;
        long first = 0;
        long last = 0;
        try (ISSTableScanner scanner = reader.getScanner()) {
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    last = (Long) partition.partitionKey().getToken().getTokenValue();
                    first = partitions++ == 0 ? last : first;
                    rows += SSTables.dump(partition, dump);
                }
            }
        }
        OutputSSTable told =
                new OutputSSTable(output.group(), output.descriptor(), output.files(), first, last, partitions, rows);
        return StatisticsComparison.differ("what is in it", told, output);
    }

    private void verify(SSTableReader reader) {
        IVerifier.Options options =
                IVerifier.options().extendedVerification(true).build();
        try (IVerifier verifier = new BigTableVerifier(store(), (BigTableReader) reader, new Quiet(), true, options)) {
            verifier.verify();
        }
    }

    /** The verifier wants one, and asks it of its table nothing but how dense an index summary is. */
    private ColumnFamilyStore store() {
        int interval = table.params.minIndexInterval;
        TableDefinition plain = Schemas.PLAIN.definition("verifying" + interval);
        return CassandraCompaction.store(TableSchemas.parse(plain)
                .unbuild()
                .id(TableId.fromUUID(new UUID(0x1000, interval)))
                .minIndexInterval(interval)
                .build());
    }

    private static final class Quiet implements OutputHandler {
        @Override
        public void output(String message) {}

        @Override
        public void debug(String message) {}

        @Override
        public void warn(String message) {}

        @Override
        public void warn(Throwable cause, String message) {}
    }
}
