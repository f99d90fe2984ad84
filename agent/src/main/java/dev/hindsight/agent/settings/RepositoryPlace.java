package dev.hindsight.agent.settings;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.Access;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Settings.Checksums;
import dev.hindsight.repository.store.s3.S3Store;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Where backups are kept: the section {@code repository}. */
public sealed interface RepositoryPlace {
    /** More than anybody can wait for. */
    int MAX_ATTEMPTS = 100;

    /** For messages. */
    String text();

    /** @param access who may read what is written there */
    record Directory(Path path, Access access) implements RepositoryPlace {
        @Override
        public String text() {
            return path.toString();
        }
    }

    /**
     * @param settings without credentials
     * @param keys empty for the usual chain: environment, profile file, container, instance
     */
    record Bucket(S3Settings settings, Optional<Keys> keys) implements RepositoryPlace {
        @Override
        public String text() {
            return settings.location();
        }
    }

    /** By reference, read at the moment of use. */
    record Keys(SecretRef accessKey, SecretRef secretKey, Optional<SecretRef> sessionToken) {}

    /**
     * The store of a repository that is there; secrets are read now.
     *
     * @param environment in which they may be named
     */
    default ObjectStore open(Map<String, String> environment) {
        return this instanceof Directory directory
                ? DirectoryStore.open(directory.path(), directory.access())
                : S3Store.open(resolved((Bucket) this, environment));
    }

    private static S3Settings resolved(Bucket bucket, Map<String, String> environment) {
        return bucket.keys()
                .map(keys -> bucket.settings()
                        .with(new S3Settings.Credentials(
                                keys.accessKey().resolve(environment),
                                keys.secretKey().resolve(environment),
                                keys.sessionToken().map(token -> token.resolve(environment)))))
                .orElse(bucket.settings());
    }

    static RepositoryPlace read(Settings repository) {
        RepositoryPlace place = repository.has("url") ? bucket(repository) : directory(repository);
        repository.finish();
        return place;
    }

    private static Directory directory(Settings repository) {
        return new Directory(
                repository.path("directory"),
                Access.valueOf(repository
                        .choice("access", List.of("owner", "group"), "owner")
                        .toUpperCase(Locale.ROOT)));
    }

    private static Bucket bucket(Settings repository) {
        if (repository.has("directory")) {
            throw repository.refuse("url", "stands beside repository.directory", "keep one of the two");
        }
        Settings s3 = repository.section("s3");
        S3Settings.Builder builder = believable(repository, () -> S3Settings.at(repository.text("url")));
        s3.findText("endpoint").ifPresent(text -> builder.endpoint(endpoint(s3, text)));
        s3.findText("region").ifPresent(builder::region);
        if (s3.has("path-style")) {
            builder.pathStyle(s3.flag("path-style", true));
        }
        builder.checksums(
                Checksums.valueOf(s3.choice("checksums", List.of("when-supported", "when-required"), "when-supported")
                        .replace('-', '_')
                        .toUpperCase(Locale.ROOT)));
        s3.findText("profile").ifPresent(builder::profile);
        s3.findPath("ca").ifPresent(builder::ca);
        builder.timeout(s3.duration("timeout", S3Settings.DEFAULT_TIMEOUT));
        builder.attempts(s3.number("attempts", 1, MAX_ATTEMPTS, S3Settings.DEFAULT_ATTEMPTS));
        builder.multipartAboveBytes(Math.max(1, s3.bytes("multipart-above", S3Settings.DEFAULT_MULTIPART_ABOVE_BYTES)));
        Bucket bucket = new Bucket(believable(repository, builder::build), keys(s3));
        s3.finish();
        return bucket;
    }

    private static <T> T believable(Settings repository, Supplier<T> made) {
        try {
            return made.get();
        } catch (UsageException e) {
            throw repository.refuse("url", "with its section s3 cannot be used: " + e.getMessage(), e.hint());
        }
    }

    private static Optional<Keys> keys(Settings s3) {
        Optional<SecretRef> accessKey = s3.findSecret("access-key");
        Optional<SecretRef> secretKey = s3.findSecret("secret-key");
        Optional<SecretRef> token = s3.findSecret("session-token");
        if (accessKey.isPresent() != secretKey.isPresent() || (token.isPresent() && secretKey.isEmpty())) {
            throw s3.refuse(
                    accessKey.isPresent() ? "access-key" : "secret-key",
                    "is half of a key pair",
                    "give access-key and secret-key both, or neither and let the usual chain find them");
        }
        return accessKey.map(access -> new Keys(access, secretKey.orElseThrow(), token));
    }

    private static URI endpoint(Settings s3, String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw s3.refuse("endpoint", "is '" + text + "'", "write https://HOST or https://HOST:PORT");
        }
    }
}
