package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Settings.Checksums;

/** The contract once more, with what changes how bytes are sent: TLS, where payloads are not signed, and no checksums. */
class S3StoreOverTlsTest extends S3StoreTest {
    @Override
    S3Settings settings(S3Server running, String bucket) {
        return S3Settings.at("s3://" + bucket)
                .endpoint(running.secureEndpoint())
                .ca(running.ca())
                .credentials(S3Server.KEYS)
                .checksums(Checksums.WHEN_REQUIRED)
                .build();
    }
}
