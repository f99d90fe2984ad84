package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectKeys;
import dev.hindsight.repository.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket, below a prefix: the key of an object is {@code prefix/key}, its bytes are its content.
 *
 * <p>A put is one request with {@code If-None-Match: *}, so that the server itself refuses the second of two. When an
 * attempt got no answer, the next one may be refused because of it: then the stored bytes are compared with ours, and
 * equal bytes count as created. (So two callers that put the very same bytes may both be told so.) Only what is larger
 * than {@link S3Settings#multipartAboveBytes} goes in parts, and only where the server was seen to complete those
 * create-only as well. Whether a missing object or a missing bucket stands behind a "not found" is always asked.
 *
 * <p>Safe for use by several threads and processes. Memory: one part ({@link MultipartPut}) for each put in parts.
 * Failures besides those of {@link ObjectStore}: {@link dev.hindsight.model.failure.UnauthorisedException}, {@link
 * dev.hindsight.model.failure.RepositoryMissingException} for a bucket that is not there, {@link
 * dev.hindsight.model.failure.UsageException} for a wrong region, {@link
 * dev.hindsight.model.failure.PreconditionFailedException} for a wrong clock.
 */
public final class S3Store implements ObjectStore, AutoCloseable {
    private static final int WHOLE = 200;
    static final String CONTENT_TYPE = "application/octet-stream";

    private final S3Settings settings;
    private final AwsCredentialsProvider credentials;
    private final S3Calls calls;
    private final MultipartPut multipart;

    private S3Store(S3Settings settings, AwsCredentialsProvider credentials) {
        this.settings = settings;
        this.credentials = credentials;
        this.calls = new S3Calls(S3Clients.open(settings, credentials), settings);
        this.multipart = new MultipartPut(this, calls);
    }

    /** Connects and looks into the bucket once, so that what is wrong with the configuration is said here. */
    public static S3Store open(S3Settings settings) {
        S3Store store = new S3Store(settings, S3Clients.credentials(settings));
        try {
            store.requireBucket();
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public String location() {
        return settings.location();
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        ObjectKeys.require(key);
        Failpoints.hit(Failpoint.OBJECT_PUT_BEFORE);
        PutOutcome outcome;
        if (body.sizeBytes() > settings.multipartAboveBytes() && multipart.createsOnly()) {
            outcome = multipart.put(key, body);
        } else {
            outcome = whole(key, body);
        }
        Failpoints.hit(Failpoint.OBJECT_PUT_AFTER);
        return outcome;
    }

    PutOutcome whole(String key, Body body) {
        if (body.sizeBytes() > S3Settings.MAX_SINGLE_PUT_BYTES) {
            throw new UnsupportedException(
                    what(key) + " of " + location() + ": " + body.sizeBytes()
                            + " bytes are too many for one put, and the server does not complete parts create-only",
                    "set max-sstable-size below 5GiB, or use a server that honours If-None-Match there");
        }
        try (SourceBody source = new SourceBody(key, body)) {
            return calls.create(what(key), number -> {
                try {
                    send(key, source);
                    return PutOutcome.CREATED;
                } catch (RuntimeException e) {
                    source.requireSound();
                    if (e instanceof SdkException sdk && S3Failures.is(sdk, S3Failures.PRECONDITION_FAILED)) {
                        return number == 1 ? PutOutcome.EXISTS : compared(key, body);
                    }
                    throw e;
                }
            });
        }
    }

    private void send(String key, SourceBody source) {
        PutObjectRequest put = PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(named(key))
                .ifNoneMatch("*")
                .contentType(CONTENT_TYPE)
                .build();
        RequestBody body = RequestBody.fromContentProvider(source, source.sizeBytes(), CONTENT_TYPE);
        S3Failures.requirePresent(calls.client().putObject(put, body).eTag(), "ETag");
    }

    /** The key was taken after an attempt of ours that nobody answered: by it, if the bytes are ours. */
    PutOutcome compared(String key, Body body) {
        try (InputStream stored = get(key);
                InputStream ours = body.open()) {
            return same(stored, ours) ? PutOutcome.CREATED : PutOutcome.EXISTS;
        } catch (NotFoundException e) {
            throw new S3Calls.Again(what(key) + " existed a moment ago and is gone");
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    what(key) + " of " + location() + " exists, but cannot be compared: " + e.getMessage(),
                    "repeat the command",
                    e);
        }
    }

    private static boolean same(InputStream stored, InputStream ours) throws IOException {
        byte[] left = new byte[64 * 1024];
        byte[] right = new byte[left.length];
        while (true) {
            int n = stored.readNBytes(left, 0, left.length);
            int m = ours.readNBytes(right, 0, right.length);
            if (n != m || !java.util.Arrays.equals(left, 0, n, right, 0, m)) {
                return false;
            }
            if (n < left.length) {
                return true;
            }
        }
    }

    @Override
    public InputStream get(String key) {
        ObjectKeys.require(key);
        try {
            return ObjectStream.open(calls, what(key), request(key).build());
        } catch (SdkException e) {
            throw missingOr(key, e);
        }
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (position < 0) {
            throw new IllegalArgumentException("position " + position + " of object " + key + " is negative");
        }
        if (length == 0) {
            if (size(key).isEmpty()) {
                throw notFound(key, null);
            }
            return;
        }
        ObjectKeys.require(key);
        GetObjectRequest range = request(key)
                .range("bytes=" + position + "-" + (position + length - 1))
                .build();
        try {
            calls.repeatable(what(key), () -> {
                fetch(key, range, position, into, offset, length);
                return true;
            });
        } catch (SdkException e) {
            if (S3Failures.isPastTheEnd(e)) {
                throw endsBefore(key, position + length, e);
            }
            throw missingOr(key, e);
        } catch (S3Calls.Again e) {
            throw new StoreUnreachableException(
                    what(key) + " of " + location() + ": " + e.getMessage(),
                    "check the server and the network, then repeat the command",
                    e);
        }
    }

    private void fetch(String key, GetObjectRequest range, long position, byte[] into, int offset, int length) {
        ResponseInputStream<GetObjectResponse> in = calls.client().getObject(range);
        boolean done = false;
        try {
            if (in.response().sdkHttpResponse().statusCode() == WHOLE) {
                throw new UnsupportedException(
                        what(key) + " of " + location() + ": the server answered a request for bytes " + position
                                + " to " + (position + length - 1) + " with the whole object",
                        "use a server, and nothing between, that honours ranges");
            }
            if (!isRange(in.response(), position)) {
                throw new S3Calls.Again("another range was given than the one that was asked for");
            }
            int n = in.readNBytes(into, offset, length);
            if (n < length) {
                Long whole = in.response().contentLength();
                if (whole != null && whole == n) {
                    throw endsBefore(key, position + length, null);
                }
                throw new S3Calls.Again("the answer ended after " + n + " of " + length + " bytes");
            }
            done = true;
        } catch (IOException e) {
            throw new S3Calls.Again(S3Failures.reason(e));
        } finally {
            if (done) {
                closeQuietly(in);
            } else {
                in.abort();
            }
        }
    }

    static boolean isRange(GetObjectResponse response, long position) {
        String range = response.contentRange();
        return range != null && range.startsWith("bytes " + position + "-");
    }

    private static void closeQuietly(ResponseInputStream<GetObjectResponse> in) {
        try {
            in.close();
        } catch (IOException e) {
            // Every byte that was asked for is here.
            in.abort();
        }
    }

    @Override
    public OptionalLong size(String key) {
        ObjectKeys.require(key);
        try {
            return calls.repeatable(what(key), () -> {
                HeadObjectResponse head = calls.client()
                        .headObject(request -> request.bucket(settings.bucket()).key(named(key)));
                return OptionalLong.of(S3Failures.requirePresent(head.contentLength(), "Content-Length"));
            });
        } catch (SdkException e) {
            // Answers to HEAD have no body that says what was refused: ask again with a request whose answer has one.
            requireBucket();
            if (S3Failures.isNoSuchKey(e)) {
                return OptionalLong.empty();
            }
            throw S3Failures.of(what(key), settings, e);
        }
    }

    @Override
    public List<String> list(String prefix) {
        ObjectKeys.requirePrefix(prefix);
        List<String> out = new ArrayList<>();
        @Nullable String token = null;
        do {
            ListObjectsV2Request request = ListObjectsV2Request.builder()
                    .bucket(settings.bucket())
                    .prefix(named(prefix))
                    .continuationToken(token)
                    .build();
            ListObjectsV2Response page = page("listing of " + prefix, request);
            for (S3Object object : page.contents()) {
                keyOf(object.key(), prefix, out);
            }
            String next = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
            if (next != null && next.equals(token)) {
                throw new StoreUnreachableException(
                        "listing of " + prefix + " of " + location() + ": the server gives the same page again",
                        "look at the server; nothing but a complete answer can be used");
            }
            token = next;
        } while (token != null);
        return List.copyOf(out);
    }

    /** Others may keep objects in the bucket; what cannot be ours is left out. */
    private void keyOf(String name, String prefix, List<String> out) {
        String start = settings.prefix().isEmpty() ? "" : settings.prefix() + "/";
        if (name.startsWith(start + prefix) && ObjectKeys.isValid(name.substring(start.length()))) {
            out.add(name.substring(start.length()));
        }
    }

    @Override
    public void delete(String key) {
        ObjectKeys.require(key);
        String what = "deletion of " + what(key);
        try {
            calls.repeatable(
                    what,
                    () -> calls.client()
                            .deleteObject(
                                    request -> request.bucket(settings.bucket()).key(named(key))));
        } catch (SdkException e) {
            // Most servers say nothing about what is not there; some do.
            if (!S3Failures.isNoSuchKey(e)) {
                throw S3Failures.of(what, settings, e);
            }
        }
    }

    @Override
    public void examine() {
        new S3Probe(this, settings, credentials).requireSafe();
        multipart.createsOnly();
    }

    /** An unreachable store must not look like an empty one. */
    private void requireBucket() {
        page(
                "bucket",
                ListObjectsV2Request.builder()
                        .bucket(settings.bucket())
                        .prefix(named("repository.json"))
                        .maxKeys(1)
                        .build());
    }

    private ListObjectsV2Response page(String what, ListObjectsV2Request request) {
        return calls.read(what, () -> {
            ListObjectsV2Response page = calls.client().listObjectsV2(request);
            S3Failures.requirePresent(page.isTruncated(), "IsTruncated");
            return page;
        });
    }

    private GetObjectRequest.Builder request(String key) {
        return GetObjectRequest.builder().bucket(settings.bucket()).key(named(key));
    }

    String named(String key) {
        return settings.prefix().isEmpty() ? key : settings.prefix() + "/" + key;
    }

    static String what(String key) {
        return "object " + key;
    }

    private RuntimeException missingOr(String key, SdkException e) {
        return S3Failures.isNoSuchKey(e) ? notFound(key, e) : S3Failures.of(what(key), settings, e);
    }

    private NotFoundException notFound(String key, @Nullable SdkException e) {
        return new NotFoundException(
                what(key) + " is not in " + location(), "run 'hindsight verify' to see what is missing", e);
    }

    private CorruptException endsBefore(String key, long end, @Nullable SdkException e) {
        return new CorruptException(
                what(key) + " of " + location() + ": ends before byte " + end,
                "run 'hindsight verify' to see all that is damaged",
                e);
    }

    @Override
    public void close() {
        calls.close();
    }
}
