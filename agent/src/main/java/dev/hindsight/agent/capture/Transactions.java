package dev.hindsight.agent.capture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The logs of a table directory's unfinished transactions. Within one Cassandra makes every SSTable that it writes itself: the
 * log is there and names the SSTable before the first of its files is, and goes after the last of them has come. What is
 * imported comes without. Source: {@code SSTableWriter}, {@code LogFile}, {@code LogRecord}, {@code SSTableImporter} 5.0.9.
 */
final class Transactions {
    private static final String STREAM = "stream";
    private static final int MOST_BYTES = 64 << 20;

    private final Path directory;
    /** Names of the logs. */
    private final Set<String> open = new TreeSet<>();

    Transactions(Path directory) {
        this.directory = directory;
    }

    static boolean isLog(String file) {
        return file.endsWith(".log") && file.contains("_txn_");
    }

    /** Whether it is of SSTables that come from elsewhere. */
    static boolean isStream(String log) {
        String[] parts = log.split("_", -1);
        return parts[parts.length - 2].equals(STREAM);
    }

    void changed(FileChanges.Change change) {
        if (change.made()) {
            open.add(change.file());
        } else {
            open.remove(change.file());
        }
    }

    /** Those whose log is there. */
    Set<String> open() {
        return Set.copyOf(open);
    }

    /** Looks for itself which there are. */
    void list() throws IOException {
        open.clear();
        WatchedTable.names(directory).stream().filter(Transactions::isLog).forEach(open::add);
    }

    /** Names of the SSTables that one makes; empty when its log is gone. A line that is not written out is not there. */
    Optional<Set<String>> makes(String log) throws IOException {
        Set<String> out = new HashSet<>();
        Path file = directory.resolve(log);
        try {
            if (Files.size(file) > MOST_BYTES) {
                return Optional.empty();
            }
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            text.lines().forEach(line -> {
                int end = line.indexOf("-,");
                if (line.startsWith("ADD:[") && end > 0) {
                    out.add(line.substring(line.lastIndexOf('/', end) + 1, end));
                }
            });
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(out);
    }
}
