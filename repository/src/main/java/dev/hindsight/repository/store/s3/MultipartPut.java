package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Creates a large object in parts, each sent from memory so that it can be sent again. Nothing is visible before the
 * last request, which is create-only. Parts of a put that failed are removed; those of a process that died are for the
 * bucket's life-cycle rule. Safe for several threads; each put uses one part of memory.
 */
final class MultipartPut {
    /** Ten thousand of them make 160 GiB; larger objects get larger parts. */
    static final int PART_BYTES = 16 << 20;

    static final int LARGEST_PART_BYTES = 128 << 20;
    private static final int MAX_PARTS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(MultipartPut.class);

    private final S3Store store;
    private final S3Calls calls;
    /** Null until it was tried. */
    private volatile @Nullable Boolean createsOnly;

    MultipartPut(S3Store store, S3Calls calls) {
        this.store = store;
        this.calls = calls;
    }

    /** Some servers ignore the condition of the last request and overwrite: tried out before the first use. */
    boolean createsOnly() {
        Boolean known = createsOnly;
        if (known == null) {
            known = probe();
            createsOnly = known;
        }
        return known;
    }

    private boolean probe() {
        String key = "probe/" + UUID.randomUUID() + "-parts";
        byte[] kept = {'k', 'e', 'p', 't'};
        try {
            store.whole(key, Body.of(kept));
            PutOutcome outcome = new Upload(key, Body.of("lost")).run();
            try (InputStream in = store.get(key)) {
                boolean honoured = outcome == PutOutcome.EXISTS && Arrays.equals(in.readAllBytes(), kept);
                if (!honoured) {
                    LOG.info(
                            "store={} completes parts over existing objects: puts go in one piece, up to {} bytes",
                            store.location(),
                            S3Settings.MAX_SINGLE_PUT_BYTES);
                }
                return honoured;
            }
        } catch (UnsupportedException e) {
            LOG.info("store={} has no uploads in parts: puts go in one piece: {}", store.location(), e.getMessage());
            return false;
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    S3Store.what(key) + " of " + store.location() + " cannot be read: " + e.getMessage(),
                    "check the server and the network, then repeat the command",
                    e);
        } finally {
            store.delete(key);
        }
    }

    PutOutcome put(String key, Body body) {
        return store.size(key).isPresent() ? PutOutcome.EXISTS : new Upload(key, body).run();
    }

    /** @throws UnsupportedException no number of parts is enough */
    static int partBytes(String key, long sizeBytes) {
        long least = (sizeBytes + MAX_PARTS - 1) / MAX_PARTS;
        long mebibyte = 1 << 20;
        long rounded = Math.max(PART_BYTES, (least + mebibyte - 1) / mebibyte * mebibyte);
        if (rounded > LARGEST_PART_BYTES) {
            throw new UnsupportedException(
                    "object " + key + ": " + sizeBytes + " bytes are too many for S3 in parts of at most "
                            + LARGEST_PART_BYTES,
                    "lower max-sstable-size");
        }
        return (int) rounded;
    }

    private final class Upload {
        private final String key;
        private final Body body;
        private final String what;
        private final List<CompletedPart> parts = new ArrayList<>();

        Upload(String key, Body body) {
            this.key = key;
            this.body = body;
            this.what = S3Store.what(key);
        }

        PutOutcome run() {
            int partBytes = partBytes(key, body.sizeBytes());
            String id = calls.read(
                    what,
                    () -> S3Failures.requirePresent(
                            calls.client()
                                    .createMultipartUpload(request -> request.bucket(bucket())
                                            .key(store.named(key))
                                            .contentType(S3Store.CONTENT_TYPE))
                                    .uploadId(),
                            "UploadId"));
            boolean created = false;
            try (SourceBody source = new SourceBody(key, body)) {
                send(id, source, partBytes);
                Failpoints.hit(Failpoint.OBJECT_PARTS_SENT);
                created = complete(id) == PutOutcome.CREATED;
                return created ? PutOutcome.CREATED : PutOutcome.EXISTS;
            } finally {
                if (!created) {
                    abort(id);
                }
            }
        }

        private void send(String id, SourceBody source, int partBytes) {
            byte[] buffer = new byte[(int) Math.min(partBytes, Math.max(1, source.sizeBytes()))];
            try (InputStream in = source.newStream()) {
                long left = source.sizeBytes();
                do {
                    int length = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
                    left -= length;
                    parts.add(part(id, parts.size() + 1, buffer, length));
                } while (left > 0);
            } catch (IOException e) {
                source.requireSound();
                throw new IllegalStateException("a source fails only with what it says", e);
            }
        }

        private CompletedPart part(String id, int number, byte[] buffer, int length) {
            RequestBody body = RequestBody.fromContentProvider(
                    () -> new ByteArrayInputStream(buffer, 0, length), length, S3Store.CONTENT_TYPE);
            String eTag = calls.read(
                    what + ", part " + number,
                    () -> S3Failures.requirePresent(
                            calls.client()
                                    .uploadPart(
                                            request -> request.bucket(bucket())
                                                    .key(store.named(key))
                                                    .uploadId(id)
                                                    .partNumber(number),
                                            body)
                                    .eTag(),
                            "ETag"));
            return CompletedPart.builder().partNumber(number).eTag(eTag).build();
        }

        private PutOutcome complete(String id) {
            return calls.create(what, number -> {
                try {
                    S3Failures.requirePresent(
                            calls.client()
                                    .completeMultipartUpload(request -> request.bucket(bucket())
                                            .key(store.named(key))
                                            .uploadId(id)
                                            .ifNoneMatch("*")
                                            .multipartUpload(all -> all.parts(parts)))
                                    .eTag(),
                            "ETag");
                    return PutOutcome.CREATED;
                } catch (SdkException e) {
                    boolean taken = S3Failures.is(e, S3Failures.PRECONDITION_FAILED);
                    if (taken && number == 1) {
                        return PutOutcome.EXISTS;
                    }
                    if (taken || (number > 1 && S3Failures.isNoSuchUpload(e))) {
                        return stored(e);
                    }
                    throw e;
                }
            });
        }

        /** An earlier attempt to complete may have done so. */
        private PutOutcome stored(SdkException e) {
            try {
                return store.compared(key, body);
            } catch (S3Calls.Again | NotFoundException gone) {
                e.addSuppressed(gone);
                throw e;
            }
        }

        private void abort(String id) {
            try {
                calls.read(
                        "parts of " + what,
                        () -> calls.client()
                                .abortMultipartUpload(request -> request.bucket(bucket())
                                        .key(store.named(key))
                                        .uploadId(id)));
            } catch (HindsightException e) {
                LOG.info("parts left key={} upload={} problem={}", key, id, e.getMessage());
            }
        }

        private String bucket() {
            return calls.settings().bucket();
        }
    }
}
