package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Settings.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract and what {@code init} demands, against whatever S3 server the system properties name ({@code
 * docs/TESTING.md}, "A real S3 store"). Runs with {@code -Ps3-endpoint} only. Every test has a prefix of its own in the
 * bucket and deletes what it made.
 */
@Tag("s3-endpoint")
class S3EndpointTest extends S3StoreContract {
    private static final String PROPERTIES = "hindsight.s3.";

    private final String location =
            "s3://" + required("bucket") + "/" + property("prefix").orElse("hindsight-test") + "/" + UUID.randomUUID();

    private static Optional<String> property(String name) {
        return Optional.ofNullable(System.getProperty(PROPERTIES + name)).filter(text -> !text.isEmpty());
    }

    private static String required(String name) {
        return property(name)
                .orElseThrow(() -> new IllegalStateException(
                        "give -D" + PROPERTIES + name + "=...: docs/TESTING.md says which properties there are"));
    }

    @Override
    S3Settings settings() {
        S3Settings.Builder out = S3Settings.at(location);
        property("endpoint").map(URI::create).ifPresent(out::endpoint);
        property("region").ifPresent(out::region);
        property("path-style").map(Boolean::parseBoolean).ifPresent(out::pathStyle);
        property("checksums")
                .map(name -> name.equals("when-required")
                        ? S3Settings.Checksums.WHEN_REQUIRED
                        : S3Settings.Checksums.WHEN_SUPPORTED)
                .ifPresent(out::checksums);
        property("ca").map(Path::of).ifPresent(out::ca);
        property("profile").ifPresent(out::profile);
        property("access-key")
                .map(key -> new Credentials(key, required("secret-key"), property("session-token")))
                .ifPresent(out::credentials);
        return out.build();
    }

    @Override
    protected int longestPart() {
        return property("longest-part").map(Integer::parseInt).orElse(super.longestPart());
    }

    @Test
    void initFindsTheStoreSafe() {
        Repository made = Repository.init(store(), Clock.systemUTC());

        assertThat(Repository.open(otherView()).info()).isEqualTo(made.info());
        assertThat(store().list("")).containsExactly("repository.json");
    }

    @Override
    void clean() {
        if (isOpen()) {
            store().list("").forEach(store()::delete);
            assertThat(store().list("")).isEmpty();
        }
    }
}
