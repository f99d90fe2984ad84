package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.codec.sstable.write.WrittenSSTable;
import dev.hindsight.model.failure.CorruptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads Statistics.db of an SSTable that was just written, before anyone is given it: without it Cassandra opens nothing,
 * and it is made once for each SSTable, so that the check costs nothing beside the rows. Why: docs/decisions/0016. Values
 * only, any thread.
 */
final class ReadBack {
    private ReadBack() {}

    /**
     * @throws CorruptException it is not what was written: this process, its JVM or the disk is at fault, not the input
     */
    static void check(WrittenSSTable written, SSTableVersion version) {
        Path file = written.files().stream()
                .filter(path -> path.toString().endsWith(Components.STATISTICS))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(written.descriptor() + " without statistics"));
        try {
            DecodedStatistics.Contents read =
                    StatisticsReader.read(Files.readAllBytes(file), version).contents();
            // Cassandra's count has static rows, too.
            if (read.partitions() != written.partitions() || read.rows() < written.rows()) {
                throw wrong(
                        file,
                        "it has " + read.partitions() + " partitions and " + read.rows() + " rows, but "
                                + written.partitions() + " and " + written.rows() + " were written",
                        null);
            }
        } catch (MalformedException | IOException e) {
            throw wrong(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static CorruptException wrong(Path file, String what, @Nullable Throwable cause) {
        return new CorruptException(
                "what was just written to " + file + " does not read back: " + what,
                "nothing of it was stored; run it again, on another machine or Java if it comes back",
                cause);
    }
}
