package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Store;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The contract against an S3 server. All views are closed after each test. */
abstract class S3StoreContract extends ObjectStoreContract {
    private final List<S3Store> views = new ArrayList<>();
    private @Nullable ObjectStore opened;

    /** The same for all views of one test. */
    abstract S3Settings settings();

    /** Whether the test has opened the store. */
    final boolean isOpen() {
        return opened != null;
    }

    @Override
    protected final ObjectStore store() {
        if (opened == null) {
            opened = otherView();
        }
        return opened;
    }

    @Override
    protected final synchronized ObjectStore otherView() {
        S3Store view = S3Store.open(settings());
        views.add(view);
        return view;
    }

    /** Called after each test, while there are views. */
    void clean() {}

    @AfterEach
    void cleanAndClose() {
        try {
            clean();
        } finally {
            views.forEach(S3Store::close);
        }
    }
}
