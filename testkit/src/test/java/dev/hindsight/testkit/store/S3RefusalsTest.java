package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Settings.Credentials;
import dev.hindsight.repository.store.s3.S3Store;
import dev.hindsight.testkit.store.CannedS3.Answer;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What people get wrong, and what servers say: each has a type, a message that names the place, and a way out. */
class S3RefusalsTest {
    private final S3Server server = S3Server.shared();

    @Test
    void repositoryIsMadeAndOpened() {
        S3Settings settings = server.settings(server.newBucket()).build();

        String id;
        try (S3Store store = S3Store.open(settings)) {
            id = Repository.init(store, Clock.systemUTC()).info().id();
            assertThat(store.list("")).containsExactly("repository.json");
        }

        try (S3Store store = S3Store.open(settings)) {
            assertThat(Repository.open(store).info().id()).isEqualTo(id);
        }
    }

    @Test
    void wrongKeysAreToldApartFromAMissingBucket() {
        String bucket = server.newBucket();

        refused(
                () -> S3Store.open(server.settings(bucket)
                        .credentials(new Credentials(S3Server.KEYS.accessKey(), "wrong", Optional.empty()))
                        .build()),
                UnauthorisedException.class,
                "SignatureDoesNotMatch",
                "secret key");
        refused(
                () -> S3Store.open(server.settings(bucket)
                        .credentials(new Credentials("AKIDNOBODY", "wrong", Optional.empty()))
                        .build()),
                UnauthorisedException.class,
                bucket,
                "key");
        refused(
                () -> S3Store.open(server.settings("no-such-bucket").build()),
                RepositoryMissingException.class,
                "no-such-bucket",
                "make the bucket");
    }

    @Test
    void bucketThatVanishesIsNotAnEmptyOne() throws Exception {
        String bucket = server.newBucket();
        try (S3Store store = S3Store.open(server.settings(bucket).build())) {
            java.nio.file.Files.delete(server.files(bucket));

            refused(() -> store.size("k"), RepositoryMissingException.class, bucket, "make the bucket");
            refused(() -> store.get("k"), RepositoryMissingException.class, bucket, "make the bucket");
            refused(() -> store.list(""), RepositoryMissingException.class, bucket, "make the bucket");
            refused(
                    () -> store.putIfAbsent("k", Body.of("x")),
                    RepositoryMissingException.class,
                    bucket,
                    "make the bucket");
        }
    }

    @Test
    void strangersCertificateIsNotBelieved() {
        refused(
                () -> S3Store.open(server.settings(server.newBucket())
                        .endpoint(server.secureEndpoint())
                        .build()),
                StoreUnreachableException.class,
                "https://",
                "repository.s3.ca");
    }

    @Test
    void hostThatDoesNotExistIsNamed() {
        refused(
                () -> S3Store.open(server.settings("bucket-x")
                        .endpoint(URI.create("http://s3.invalid"))
                        .attempts(1)
                        .build()),
                StoreUnreachableException.class,
                "s3.invalid",
                "endpoint");
    }

    @Test
    void answersHaveTheirMeaning() {
        said(301, "PermanentRedirect", "use another endpoint", UsageException.class, "region");
        said(
                400,
                "AuthorizationHeaderMalformed",
                "the region 'us-east-1' is wrong; expecting 'eu-west-3'",
                UsageException.class,
                "repository.s3.region: eu-west-3");
        said(403, "RequestTimeTooSkewed", "too large a difference", PreconditionFailedException.class, "clock");
        said(403, "ExpiredToken", "the token has expired", UnauthorisedException.class, "expired");
        said(403, "AccessDenied", "no", UnauthorisedException.class, "s3:ListBucket");
        said(403, "QuotaExceeded", "full", CapacityException.class, "quota");
        said(501, "NotImplemented", "no such header", UnsupportedException.class, "OPERATIONS");
        said(400, "InvalidArgument", "x-amz-trailer", StoreUnreachableException.class, "checksums: when-required");
        said(503, "SlowDown", "reduce your rate", StoreUnreachableException.class, "repeat the command");
    }

    @Test
    void throttlingAndErrorsOfTheServerAreTriedAgain() {
        try (CannedS3 canned = new CannedS3(request -> request.startsWith("PUT")
                        ? request.endsWith("#1")
                                ? Answer.error(503, "SlowDown", "slower")
                                : request.endsWith("#2")
                                        ? Answer.error(409, "ConditionalRequestConflict", "race")
                                        : Answer.ok("")
                        : CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            assertThat(store.putIfAbsent("k", Body.of("x"))).isEqualTo(PutOutcome.CREATED);
            assertThat(canned.requests("PUT")).isEqualTo(3);
        }
    }

    @Test
    void putRefusedForEverIsNotTriedAgain() {
        try (CannedS3 canned = new CannedS3(request ->
                        request.startsWith("PUT") ? Answer.error(403, "AccessDenied", "no") : CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(() -> store.putIfAbsent("k", Body.of("x")), UnauthorisedException.class, "object k", "PutObject");
            assertThat(canned.requests("PUT")).isEqualTo(1);
        }
    }

    @Test
    void errorOfTheServerThatStaysLeavesTheOutcomeOpen() {
        try (CannedS3 canned = new CannedS3(request ->
                        request.startsWith("PUT") ? Answer.error(500, "InternalError", "broken") : CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(
                    () -> store.putIfAbsent("k", Body.of("x")),
                    OutcomeUnknownException.class,
                    "InternalError",
                    "repeat");
            assertThat(canned.requests("PUT")).isEqualTo(3);
        }
    }

    @Test
    void answerWithoutWhatEveryServerGivesIsNotBelieved() {
        try (CannedS3 canned = new CannedS3(request -> request.startsWith("PUT")
                        ? new Answer(200, "", Map.of())
                        : request.contains("/bucket/k")
                                ? new Answer(200, "", Map.of("Content-Length", "0"))
                                : CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(() -> store.putIfAbsent("k", Body.of("x")), OutcomeUnknownException.class, "ETag", "repeat");
        }
    }

    @Test
    void serverThatIgnoresRangesIsRefused() {
        try (CannedS3 canned = new CannedS3(
                        request -> request.contains("/bucket/k") ? Answer.ok("0123456789") : CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(() -> store.read("k", 2, new byte[3], 0, 3), UnsupportedException.class, "whole object", "ranges");
        }
    }

    @Test
    void serverThatTakesAnySecretIsRefused() {
        try (CannedS3 canned = new CannedS3(request -> CannedS3.NOTHING);
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(store::examine, UnsupportedException.class, "takes any secret key", "authorisation");
        }
    }

    @Test
    void initRefusesAServerThatIgnoresTheCondition() {
        try (CannedS3 canned = new CannedS3(request -> request.contains("list-type=2")
                        ? CannedS3.NOTHING
                        : request.startsWith("PUT") ? Answer.ok("") : Answer.error(404, "NoSuchKey", "none"));
                S3Store store = S3Store.open(canned.settings().build())) {
            refused(
                    () -> Repository.init(store, Clock.systemUTC()),
                    UnsupportedException.class,
                    "a second create of one key is accepted",
                    "If-None-Match");
        }
    }

    private static void said(int status, String code, String message, Class<?> type, String hint) {
        try (CannedS3 canned = new CannedS3(request -> Answer.error(status, code, message))) {
            refused(() -> S3Store.open(canned.settings().build()), type, code, hint);
        }
    }

    private static void refused(ThrowingCallable call, Class<?> type, String message, String hint) {
        assertThatThrownBy(call)
                .isInstanceOf(type)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(((HindsightException) e).hint()).contains(hint));
    }
}
