package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * <p>The node is through with a segment when the second line of its index, {@code CommitLog-V-ID_cdc.idx}, says so, or when it
 * is not in its commit log any more: of a killed node's segment whose tables were all flushed nothing is replayed, and the index
 * stays as it was. Segments without a change of a table with {@code cdc = true} have no index; the node deletes those itself, and
 * fails where they are gone already, so what is only not in the commit log any more is left alone for a while.
 *
 * <p>Source: {@code CommitLogSegmentManagerCDC}, {@code CommitLogSegment.writeCDCIndexFile}, {@code CommitLogReplayer} 5.0.9. One
 * thread.
 */
final class RawSegments {
    /** The node needs microseconds from deleting a segment of its commit log to being through with what is here of it. */
    static final long GONE_MICROS = 10_000_000;

    /** So much may wait here for the agent: well below what the node lets this directory hold by default. */
    static final long MOST_BYTES = 256 << 20;

    private static final Pattern NAME = Pattern.compile("(CommitLog-[0-9]{1,3}-([0-9]{1,18}))(\\.log|_cdc\\.idx)");
    private static final String LOG = ".log";
    private static final String INDEX = "_cdc.idx";
    private static final String COMPLETED = "COMPLETED";
    /** Of a position and that word; no more of a file is looked at. */
    private static final int LONGEST_INDEX = 64;

    private final Optional<Path> directory;
    /** Names without their ends, by id, as of the last look. */
    private final TreeMap<Long, String> names = new TreeMap<>();
    /** Not in the commit log any more: first seen so at. */
    private final Map<Long, Long> gone = new HashMap<>();

    /** @param directory empty: the node keeps nothing */
    RawSegments(Optional<Path> directory) {
        this.directory = directory;
    }

    boolean isUsed() {
        return directory.isPresent();
    }

    /** Whether the last look found the segment here. */
    boolean has(long id) {
        return names.containsKey(id);
    }

    /** Where the node keeps a file of its commit log, if it does. */
    Optional<Path> copyOf(Path segment) {
        return directory.map(kept -> kept.resolve(segment.getFileName()));
    }

    /** The segments that are here, by id. Their commit log is listed behind this, and told to {@link #listed}. */
    TreeMap<Long, Path> look() {
        names.clear();
        TreeMap<Long, Path> out = new TreeMap<>();
        if (directory.isEmpty()) {
            return out;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.get(), "CommitLog-*")) {
            for (Path file : files) {
                Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches()) {
                    long id = Long.parseLong(matcher.group(2));
                    names.put(id, matcher.group(1));
                    if (matcher.group(3).equals(LOG)) {
                        out.put(id, file);
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw failed("listed", e);
        }
        gone.keySet().retainAll(names.keySet());
        return out;
    }

    /** @param commitLog what is in it now, behind the look */
    void listed(Set<Long> commitLog, long now) {
        gone.keySet().removeAll(commitLog);
        names.keySet().stream().filter(id -> !commitLog.contains(id)).forEach(id -> gone.putIfAbsent(id, now));
    }

    /** Of what the last look found, deletes what the node is through with. */
    void release(LongPredicate unneeded, long now) {
        if (directory.isEmpty()) {
            return;
        }
        for (Map.Entry<Long, String> one : names.entrySet()) {
            Path index = directory.get().resolve(one.getValue() + INDEX);
            try {
                if (unneeded.test(one.getKey()) && (isGone(one.getKey(), now) || isCompleted(index))) {
                    // The index last: whoever dies in between finds it again.
                    Files.deleteIfExists(directory.get().resolve(one.getValue() + LOG));
                    Files.deleteIfExists(index);
                }
            } catch (IOException e) {
                throw failed("deleted", e);
            }
        }
    }

    /**
     * Where nothing is captured: what the node is through with, read or not.
     *
     * @param commitLog empty: unknown yet, so what is not in it any more is too
     */
    void releaseAll(Optional<Path> commitLog, long now) {
        look();
        release(id -> true, commitLog, now);
    }

    /** Where nothing can be captured yet: the same, but for the newest {@link #MOST_BYTES}. */
    void releaseOldest(Optional<Path> commitLog, long now) {
        long bytes = 0;
        long first = Long.MIN_VALUE;
        for (Map.Entry<Long, Path> one : look().descendingMap().entrySet()) {
            bytes += size(one.getValue());
            if (bytes > MOST_BYTES) {
                break;
            }
            first = one.getKey();
        }
        long kept = bytes > MOST_BYTES ? first : Long.MIN_VALUE;
        release(id -> id < kept, commitLog, now);
    }

    private void release(LongPredicate unneeded, Optional<Path> commitLog, long now) {
        try {
            commitLog.ifPresent(log -> listed(LogDirectory.segmentsIn(log).keySet(), now));
        } finally {
            release(unneeded, now);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // Deleted meanwhile.
            return 0;
        }
    }

    private NotAppliedException failed(String what, Exception e) {
        return new NotAppliedException(
                "segments in " + directory.map(Path::toString).orElse("") + " cannot be " + what + ": " + e.getMessage()
                        + "; the node rejects writes once they fill it",
                "run the agent as the operating system's user of Cassandra, or correct capture.cdc-raw",
                e);
    }

    private boolean isGone(long id, long now) {
        Long since = gone.get(id);
        return since != null && now - since >= GONE_MICROS;
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
