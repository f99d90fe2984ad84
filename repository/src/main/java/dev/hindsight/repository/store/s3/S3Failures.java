package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** What the SDK threw, told as outcomes: which may be tried again, which may have happened, and what a person must do. */
final class S3Failures {
    static final int PRECONDITION_FAILED = 412;

    private static final int MOVED = 301;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int NO_SPACE = 507;

    /** Refused before anything was done, and not for ever. */
    private static final Set<String> COME_AGAIN = Set.of(
            "SlowDown",
            "ServiceUnavailable",
            "RequestTimeout",
            "RequestTimeTooSkewed",
            "IncompleteBody",
            "BadDigest",
            "XAmzContentSHA256Mismatch",
            "XAmzContentChecksumMismatch",
            "ConditionalRequestConflict",
            "OperationAborted",
            "Throttling",
            "ThrottlingException",
            "RequestThrottled",
            "TooManyRequests");

    private static final Set<String> WRONG_KEYS = Set.of(
            "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "TokenRefreshRequired");
    private static final Set<String> OTHER_REGION = Set.of(
            "PermanentRedirect",
            "TemporaryRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException");
    private static final Set<String> FULL = Set.of("QuotaExceeded", "XMinioStorageFull", "InsufficientStorage");

    private S3Failures() {}

    /** Trying again may help. */
    static boolean mayPass(Throwable e) {
        if (e instanceof S3Calls.Again) {
            return true;
        }
        if (!(e instanceof SdkException sdk)
                || e instanceof AbortedException
                || Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (sdk instanceof SdkServiceException service) {
            int status = service.statusCode();
            return (status >= 500 && status != NOT_IMPLEMENTED && status != NO_SPACE)
                    || status == TOO_MANY_REQUESTS
                    || status == CONFLICT
                    || COME_AGAIN.contains(code(service));
        }
        return !isTrust(sdk) && !isMissingCredentials(sdk);
    }

    /** No answer came, or one that does not say: the request may have been carried out, or may still be. */
    static boolean mayHaveHappened(SdkException e) {
        if (e instanceof SdkServiceException service) {
            return service.statusCode() >= 500 && !COME_AGAIN.contains(code(service));
        }
        return !isTrust(e) && !isMissingCredentials(e) && !neverConnected(e);
    }

    static boolean is(SdkException e, int status) {
        return e instanceof SdkServiceException service && service.statusCode() == status;
    }

    /** The object is not there, as told by an answer with a body. Not that the bucket is not there. */
    static boolean isNoSuchKey(SdkException e) {
        return is(e, NOT_FOUND) && !isNoSuchBucket(e);
    }

    static boolean isNoSuchUpload(SdkException e) {
        return e instanceof SdkServiceException service && code(service).equals("NoSuchUpload");
    }

    static boolean isPastTheEnd(SdkException e) {
        return is(e, RANGE_NOT_SATISFIABLE);
    }

    private static boolean isNoSuchBucket(SdkException e) {
        return e instanceof SdkServiceException service && code(service).equals("NoSuchBucket");
    }

    /** An answer whose end was lost on the way may look like one that lacks what every server gives. */
    static <T> T requirePresent(@Nullable T part, String name) {
        if (part == null) {
            throw SdkClientException.create("the answer has no " + name + ": it was cut off");
        }
        return part;
    }

    /** For reads, deletes, and puts of which no attempt can have got through. */
    static HindsightException of(String what, S3Settings settings, SdkException e) {
        String where = what + " of " + settings.location();
        String text = where + ": " + reason(e);
        if (e instanceof SdkServiceException service) {
            return refused(text, settings, service);
        }
        if (isMissingCredentials(e)) {
            return new UnauthorisedException(
                    where + ": no credentials are found",
                    "set repository.s3.access-key and secret-key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                            + " or a profile, for the user that runs hindsight",
                    e);
        }
        if (isTrust(e)) {
            return new StoreUnreachableException(
                    text,
                    "set repository.s3.ca to the CA's certificate (PEM), and use the host name that the server's"
                            + " certificate has",
                    e);
        }
        if (cause(e, UnknownHostException.class).isPresent()) {
            return new StoreUnreachableException(
                    text,
                    "check repository.s3.endpoint and the name service; where the bucket's name is not part of a host"
                            + " name, set repository.s3.path-style: true",
                    e);
        }
        return new StoreUnreachableException(
                text,
                isPlain(settings, e)
                        ? "the endpoint is http://, but the server may want https://"
                        : "check repository.s3.endpoint and the network, then repeat the command",
                e);
    }

    static OutcomeUnknownException unknown(String what, S3Settings settings, Exception e) {
        return new OutcomeUnknownException(
                what + " of " + settings.location() + ": no answer says whether it was stored: " + reason(e),
                "repeat the command: what was stored is recognised",
                e);
    }

    static StoreUnreachableException interrupted(String what, S3Settings settings, Throwable e) {
        return new StoreUnreachableException(
                what + " of " + settings.location() + ": interrupted", "repeat the command", e);
    }

    /** One line: what the server said, or what broke at the bottom. */
    static String reason(Throwable e) {
        if (e instanceof SdkServiceException service) {
            String message = e instanceof AwsServiceException aws && aws.awsErrorDetails() != null
                    ? aws.awsErrorDetails().errorMessage()
                    : service.getMessage();
            String code = code(service);
            return "HTTP " + service.statusCode() + (code.isEmpty() ? "" : " " + code)
                    + (message == null || message.isBlank() ? "" : ": " + message.strip());
        }
        Throwable root = e;
        for (int depth = 0; depth < 20 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    private static HindsightException refused(String text, S3Settings settings, SdkServiceException e) {
        String code = code(e);
        if (isNoSuchBucket(e)) {
            return new RepositoryMissingException(
                    text,
                    "make the bucket '" + settings.bucket() + "' (hindsight does not), or correct repository.url,"
                            + " endpoint and region",
                    e);
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return new PreconditionFailedException(text, "set the clock of this machine (NTP)", e);
        }
        if (OTHER_REGION.contains(code) || e.statusCode() == MOVED) {
            return new UsageException(
                    text,
                    region(e)
                            .map(region -> "set repository.s3.region: " + region)
                            .orElse("set repository.s3.region to the region of the bucket"),
                    e);
        }
        if (WRONG_KEYS.contains(code)) {
            return new UnauthorisedException(
                    text, "check the access key, the secret key, and that a session token has not expired", e);
        }
        if (FULL.contains(code) || e.statusCode() == NO_SPACE) {
            return new CapacityException(text, "raise the quota or make space, then repeat the command", e);
        }
        if (e.statusCode() == FORBIDDEN) {
            return new UnauthorisedException(
                    text,
                    "the key pair needs s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject and"
                            + " s3:AbortMultipartUpload below the prefix; a missing s3:ListBucket makes absent objects"
                            + " look forbidden",
                    e);
        }
        if (e.statusCode() == NOT_IMPLEMENTED || code.equals("EntityTooLarge")) {
            return new UnsupportedException(
                    text, "the server lacks what a repository needs; docs/OPERATIONS.md says what that is", e);
        }
        if (e.statusCode() == BAD_REQUEST && settings.checksums() == S3Settings.Checksums.WHEN_SUPPORTED) {
            return new StoreUnreachableException(
                    text, "where the server does not know upload checksums: repository.s3.checksums: when-required", e);
        }
        return new StoreUnreachableException(text, "look at the server and its log, then repeat the command", e);
    }

    private static Optional<String> region(SdkServiceException e) {
        if (e instanceof AwsServiceException aws && aws.awsErrorDetails() != null) {
            Optional<String> header = Optional.ofNullable(aws.awsErrorDetails().sdkHttpResponse())
                    .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"));
            if (header.isPresent()) {
                return header;
            }
        }
        String message = String.valueOf(e.getMessage());
        int at = message.indexOf("expecting '");
        int end = at < 0 ? -1 : message.indexOf('\'', at + 11);
        return end < 0 ? Optional.empty() : Optional.of(message.substring(at + 11, end));
    }

    private static String code(SdkServiceException e) {
        return e instanceof AwsServiceException aws
                        && aws.awsErrorDetails() != null
                        && aws.awsErrorDetails().errorCode() != null
                ? aws.awsErrorDetails().errorCode()
                : "";
    }

    private static boolean neverConnected(SdkException e) {
        return cause(e, ConnectException.class).isPresent()
                || cause(e, UnknownHostException.class).isPresent()
                || cause(e, NoRouteToHostException.class).isPresent()
                || causeNamed(e, "ConnectTimeoutException");
    }

    private static boolean isTrust(SdkException e) {
        return cause(e, SSLHandshakeException.class).isPresent()
                || cause(e, SSLPeerUnverifiedException.class).isPresent();
    }

    private static boolean isPlain(S3Settings settings, SdkException e) {
        boolean http = settings.endpoint()
                .filter(uri -> "http".equals(uri.getScheme()))
                .isPresent();
        return http && (cause(e, SSLException.class).isPresent() || causeNamed(e, "NoHttpResponseException"));
    }

    /** The SDK has no type for it. */
    private static boolean isMissingCredentials(SdkException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("unable to load credentials")
                || message.contains("profile file contained no credentials");
    }

    private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
        @Nullable Throwable at = e;
        for (int depth = 0; depth < 20 && at != null; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }

    /** For types of the HTTP library, which this package would otherwise not need to know. */
    private static boolean causeNamed(Throwable e, String simpleName) {
        @Nullable Throwable at = e;
        for (int depth = 0; depth < 20 && at != null; depth++) {
            if (at.getClass().getSimpleName().equals(simpleName)) {
                return true;
            }
            at = at.getCause();
        }
        return false;
    }
}
