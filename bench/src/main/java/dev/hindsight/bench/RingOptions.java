package dev.hindsight.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the measurements on a ring have in common: the rows, the workers' memory, and where all of it lies. */
final class RingOptions {
    static final String KEYSPACE = "bench";
    static final String TABLE = "rows";
    /** Times the size of a replica: that much room is asked for before anything starts. */
    private static final int NEEDED_DISK = 16;

    @Option(
            names = "--row-size",
            paramLabel = "SIZE",
            defaultValue = "500B",
            description = "Text in each row; about half of it compresses away. Default ${DEFAULT-VALUE}.")
    private String rowSize = "";

    @Option(
            names = "--worker-heap",
            paramLabel = "SIZE",
            defaultValue = "512MiB",
            description = "Heap of each worker. Default ${DEFAULT-VALUE}.")
    private String workerHeap = "";

    @Option(
            names = "--shard-size",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "What a shard reads, all replicas together. Default ${DEFAULT-VALUE}.")
    private String shardSize = "";

    @Option(names = "--seed", defaultValue = "20261122", description = "Of the rows. Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where everything lies while it runs; must not exist. Default: below this module's target.")
    private @Nullable Path directory;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures to this file, too.")
    private @Nullable Path json;

    int rowSize() {
        return (int) bytes("--row-size", rowSize);
    }

    /** As it was typed. */
    String workerHeap() {
        return workerHeap;
    }

    long workerHeapBytes() {
        return bytes("--worker-heap", workerHeap);
    }

    /** As it was typed. */
    String shardSize() {
        return shardSize;
    }

    long shardBytes() {
        return bytes("--shard-size", shardSize);
    }

    long seed() {
        return seed;
    }

    static long bytes(String option, String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), "write it like 256MiB");
        }
    }

    /** Does its work in a directory. */
    interface Work<T> {
        T in(Path place) throws IOException;
    }

    /**
     * Makes the directory, measures in it, removes it, and writes the figures where {@code --json} says.
     *
     * @param replicaBytes of one replica
     * @throws CapacityException the disk has not room enough
     */
    <T> T measure(long replicaBytes, Work<T> work) throws IOException {
        Path place = place();
        Files.createDirectories(place.getParent());
        long usable = Files.getFileStore(place.getParent()).getUsableSpace();
        if (usable / NEEDED_DISK < replicaBytes) {
            throw new CapacityException(
                    place.getParent() + " has " + ByteSize.format(usable) + " free, "
                            + ByteSize.format(replicaBytes * NEEDED_DISK) + " are needed",
                    "choose a smaller --size or another --directory");
        }
        Files.createDirectory(place);
        T figures;
        try {
            figures = work.in(place);
        } finally {
            deleteTree(place);
        }
        if (json != null) {
            Files.write(
                    json,
                    new ObjectMapper()
                            .registerModule(new Jdk8Module())
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsBytes(figures));
        }
        return figures;
    }

    private Path place() {
        if (directory != null) {
            return directory.toAbsolutePath();
        }
        String root = System.getProperty("hindsight.root", ".");
        return Path.of(root, "bench", "target", "run-" + ProcessHandle.current().pid())
                .toAbsolutePath();
    }

    /** @throws PreconditionFailedException they are not the same */
    static void require(String what, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw new PreconditionFailedException(
                    what + " is " + found + ", " + expected + " was expected",
                    "figures of a wrong result are worth nothing; run it again with --directory and look there");
        }
    }

    static void deleteTree(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
