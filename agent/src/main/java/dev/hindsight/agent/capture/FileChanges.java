package dev.hindsight.agent.capture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What happens in directories, in the order in which it happens in each. One thread. */
interface FileChanges extends AutoCloseable {
    /** A file was made, or moved here; or it was deleted, or moved away. */
    record Change(boolean made, String file) {}

    /**
     * From now on its changes are told.
     *
     * @return false when they cannot be
     */
    boolean watch(Path directory);

    /** Of all others nothing is told any more, nor kept. */
    void only(Set<Path> directories);

    /** Since it was asked last; of a directory with nothing but an empty answer nobody knows what happened. */
    Map<Path, Optional<List<Change>>> take();

    @Override
    void close();
}
