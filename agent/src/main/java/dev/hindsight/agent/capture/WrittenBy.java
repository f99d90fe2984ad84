package dev.hindsight.agent.capture;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;

/**
 * What an SSTable's statistics say of who wrote it. What a node flushes or rewrites has its host id, and the parts of its log
 * that the data were in; a stream either keeps the sender's statistics or has the host id without parts of a log; an import
 * keeps the statistics. Source: {@code MetadataCollector}, {@code CassandraStreamReader}, {@code SSTableImporter} 5.0.9.
 *
 * @param node empty when it does not say, or cannot be read
 * @param loggedUpTo where the last of those parts ends
 */
record WrittenBy(Optional<UUID> node, Optional<LogPosition> loggedUpTo) {
    /** {@link WrittenBy#read} */
    interface Statistics {
        Optional<WrittenBy> read(Path directory, String sstable) throws IOException;
    }

    private static final WrittenBy UNKNOWN = new WrittenBy(Optional.empty(), Optional.empty());

    /**
     * @param sstable file names up to the component, without the dash
     * @return empty when it is gone
     */
    static Optional<WrittenBy> read(Path directory, String sstable) throws IOException {
        Path file = directory.resolve(sstable + "-" + Components.STATISTICS);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Optional<SSTableVersion> version = SSTableVersion.find(sstable);
        if (version.isEmpty() || Files.size(file) > StatisticsReader.MAX_FILE_BYTES) {
            return Optional.of(UNKNOWN);
        }
        try {
            DecodedStatistics.Contents contents = StatisticsReader.read(Files.readAllBytes(file), version.get())
                    .contents();
            return Optional.of(new WrittenBy(
                    contents.originatingHost(),
                    contents.commitLogIntervals().stream()
                            .map(interval -> new LogPosition(
                                    interval.end().segment(), interval.end().position()))
                            .max(Comparator.naturalOrder())));
        } catch (MalformedException | UnsupportedException e) {
            return Optional.of(UNKNOWN);
        }
    }

    boolean isBy(UUID host) {
        return node.equals(Optional.of(host));
    }

    /** Whether the node of that host id wrote it, of what its log has behind that position too. */
    boolean isFlushedBy(UUID host, LogPosition behind) {
        return isBy(host)
                && loggedUpTo.filter(end -> end.compareTo(behind) >= 0).isPresent();
    }
}
