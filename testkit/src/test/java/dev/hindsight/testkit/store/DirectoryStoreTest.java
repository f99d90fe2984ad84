package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest extends ObjectStoreContract {
    @TempDir
    Path directory;

    private @Nullable ObjectStore opened;

    @Override
    protected ObjectStore store() {
        if (opened == null) {
            opened = DirectoryStore.open(directory);
        }
        return opened;
    }

    @Override
    protected ObjectStore otherView() {
        return DirectoryStore.open(directory);
    }
}
