package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.s3.S3Settings;

/** The contract, against a real server that checks signatures, without TLS. */
class S3StoreTest extends S3StoreContract {
    private final S3Server server = S3Server.shared();
    private final S3Settings settings = settings(server, server.newBucket());

    S3Settings settings(S3Server running, String bucket) {
        return running.settings(bucket).build();
    }

    @Override
    S3Settings settings() {
        return settings;
    }

    /** The server keeps objects as files and writes them under longer names first. */
    @Override
    protected int longestPart() {
        return 200;
    }
}
