package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory in which a node with {@code cdc_enabled} keeps hard links to its segments until their consumer deletes them:
 * what the commit log had while no agent ran. This agent is that consumer, and the only one: a directory that nobody empties
 * makes the node reject writes, so what it is through with is deleted as soon as it is held elsewhere, or what was read of it is
 * durable.
 *
 * <p>The node is through with a segment when the second line of its index, {@code CommitLog-V-ID_cdc.idx}, says so. Segments
 * without a change of a table with {@code cdc = true} have no index; the node deletes those itself.
 *
 * <p>Source: {@code CommitLogSegmentManagerCDC}, {@code CommitLogSegment.writeCDCIndexFile} 5.0.9. One thread.
 */
final class RawSegments {
    private static final Pattern INDEX = Pattern.compile("(CommitLog-[0-9]{1,3}-([0-9]{1,18}))_cdc\\.idx");
    private static final String COMPLETED = "COMPLETED";
    /** Of a position and that word; no more of a file is looked at. */
    private static final int LONGEST_INDEX = 64;

    private final Optional<Path> directory;

    /** @param directory empty: the node keeps nothing */
    RawSegments(Optional<Path> directory) {
        this.directory = directory;
    }

    boolean isUsed() {
        return directory.isPresent();
    }

    /** Where the node keeps a file of its commit log, if it does. */
    Optional<Path> copyOf(Path segment) {
        return directory.map(kept -> kept.resolve(segment.getFileName()));
    }

    /** By id. */
    TreeMap<Long, Path> list() {
        return directory.map(LogDirectory::segmentsIn).orElseGet(TreeMap::new);
    }

    /** Deletes those that the node is through with. */
    void release(LongPredicate unneeded) {
        if (directory.isEmpty()) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.get(), "CommitLog-*_cdc.idx")) {
            for (Path index : files) {
                Matcher matcher = INDEX.matcher(String.valueOf(index.getFileName()));
                if (matcher.matches() && unneeded.test(Long.parseLong(matcher.group(2))) && isCompleted(index)) {
                    // The index last: whoever dies in between finds it again.
                    Files.deleteIfExists(index.resolveSibling(matcher.group(1) + ".log"));
                    Files.deleteIfExists(index);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new NotAppliedException(
                    "segments in " + directory.get() + " cannot be deleted: " + e.getMessage()
                            + "; the node rejects writes once they fill it",
                    "run the agent as the operating system's user of Cassandra, or correct capture.cdc-raw",
                    e);
        }
    }

    private static boolean isCompleted(Path index) throws IOException {
        try (var in = Files.newInputStream(index)) {
            String text = new String(in.readNBytes(LONGEST_INDEX), StandardCharsets.US_ASCII);
            return text.lines().skip(1).findFirst().map(COMPLETED::equals).orElse(false);
        } catch (NoSuchFileException e) {
            // The node lets go of the oldest itself where it does not block writes.
            return false;
        }
    }
}
