package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Store;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The contract, against a real server that checks signatures, without TLS. */
class S3StoreTest extends ObjectStoreContract {
    private final S3Server server = S3Server.shared();
    private final S3Settings settings = settings(server, server.newBucket());
    private final List<S3Store> views = new ArrayList<>();
    private @Nullable ObjectStore opened;

    S3Settings settings(S3Server running, String bucket) {
        return running.settings(bucket).build();
    }

    @Override
    protected ObjectStore store() {
        if (opened == null) {
            opened = view();
        }
        return opened;
    }

    @Override
    protected ObjectStore otherView() {
        return view();
    }

    /** The server keeps objects as files and writes them under longer names first. */
    @Override
    protected int longestPart() {
        return 200;
    }

    private synchronized S3Store view() {
        S3Store view = S3Store.open(settings);
        views.add(view);
        return view;
    }

    @AfterEach
    void closeViews() {
        views.forEach(S3Store::close);
    }
}
