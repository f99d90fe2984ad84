package dev.hindsight.agent.receive;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where received files wait, one place for each data directory and on its disk, so that Cassandra's import moves files
 * instead of copying them.
 *
 * <p>The place is a directory <em>beside</em> the data directory. Cassandra 5.0 walks everything inside a data directory
 * when it starts ({@code StartupChecks.checkSSTablesFormat}) and refuses to start over an SSTable of a version or id type
 * that it does not accept, wherever it lies, unless a parent is named {@code backups} or {@code snapshots}. Where a data
 * directory is a mount point itself, beside it is another disk; there the place is {@code .<name>/backups} inside it.
 */
final class StagingRoots {
    /** @param root holds import ids */
    record Root(Path dataDirectory, Path root) {}

    private StagingRoots() {}

    static List<Root> of(AgentConfig.Import config, List<Path> dataDirectories) {
        List<Root> out = new ArrayList<>();
        for (Path directory : dataDirectories) {
            out.add(new Root(directory, rootOf(config, directory)));
        }
        return out;
    }

    private static Path rootOf(AgentConfig.Import config, Path dataDirectory) {
        try {
            Path real = dataDirectory.toRealPath();
            String name = String.valueOf(real.getFileName());
            Path configured = Path.of(config.staging());
            if (configured.isAbsolute()) {
                // Two data directories of the same name must not share a place.
                return configured.resolve(
                        name + "-" + Integer.toHexString(real.toString().hashCode()));
            }
            Path parent = real.getParent();
            if (parent == null || !sameDisk(parent, real)) {
                return real.resolve("." + config.staging()).resolve("backups");
            }
            return parent.resolve(config.staging()).resolve(name);
        } catch (IOException e) {
            throw new PreconditionFailedException(
                    "data directory " + dataDirectory + " cannot be used for imports: " + e,
                    "check 'data-directories' and the agent's user",
                    e);
        }
    }

    private static boolean sameDisk(Path a, Path b) throws IOException {
        FileStore one = Files.getFileStore(a);
        return one.equals(Files.getFileStore(b));
    }
}
