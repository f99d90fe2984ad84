package dev.hindsight.engine.task;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest.StoredSSTable;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.OutputSSTable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the SSTables and fingerprints of one attempt at a shard below a prefix that no other attempt uses, and can take them back. The
 * digest is computed while the bytes go out. One thread.
 */
final class ShardUpload {
    private static final Logger LOG = LoggerFactory.getLogger(ShardUpload.class);
    private static final int BUFFER_BYTES = 1 << 17;

    private final ObjectStore store;
    private final String prefix;
    private final List<String> keys = new ArrayList<>();
    private long storedBytes;
    private long storedDataBytes;
    private long cpuDigestNanos;
    private long cpuPutNanos;

    /** @param prefix ends with a slash */
    ShardUpload(ObjectStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    StoredSSTable put(OutputSSTable output) {
        List<ObjectRef> components = new ArrayList<>();
        for (Path file : output.files()) {
            components.add(put(file));
        }
        return new StoredSSTable(
                output.descriptor(),
                output.firstToken(),
                output.lastToken(),
                output.partitions(),
                output.rows(),
                List.copyOf(components));
    }

    ObjectRef put(Path file) {
        String name = file.getFileName().toString();
        String key = prefix + name;
        try {
            DigestedBody body = new DigestedBody(file);
            keys.add(key);
            long startNanos = ThreadCpu.nanos();
            ObjectStore.PutOutcome outcome = store.putIfAbsent(key, body);
            long spentNanos = ThreadCpu.nanos() - startNanos;
            String digest = body.digest();
            if (outcome == ObjectStore.PutOutcome.EXISTS) {
                // Nobody else uses this prefix: an earlier try of this very put got through after all.
                digest = digestOfStored(key, file);
            }
            cpuDigestNanos += body.cpuNanos();
            cpuPutNanos += Math.max(0, spentNanos - body.cpuNanos());
            storedBytes += body.sizeBytes();
            if (name.endsWith("-Data.db")) {
                storedDataBytes += body.sizeBytes();
            }
            return new ObjectRef(key, body.sizeBytes(), digest);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "file " + file + " cannot be read to store it as " + key + ": " + e.getMessage(),
                    "look at the disk of the scratch directory",
                    e);
        }
    }

    private String digestOfStored(String key, Path file) throws IOException {
        String expected = Digests.of(file);
        try (InputStream in = store.get(key)) {
            String actual = Digests.of(in);
            if (!actual.equals(expected)) {
                throw new CorruptException(
                        "object " + key + " was just stored with digest " + expected + " but has " + actual,
                        "run the same command again; look at the object store if it happens twice");
            }
        }
        return expected;
    }

    /** Best effort: what cannot be deleted is garbage that no manifest names. */
    void takeBack() {
        for (String key : keys) {
            try {
                store.delete(key);
            } catch (HindsightException e) {
                LOG.warn("object of an abandoned attempt not deleted key={} problem={}", key, e.getMessage());
            }
        }
    }

    long storedBytes() {
        return storedBytes;
    }

    long storedDataBytes() {
        return storedDataBytes;
    }

    long cpuDigestNanos() {
        return cpuDigestNanos;
    }

    long cpuPutNanos() {
        return cpuPutNanos;
    }

    /** A file that is digested each time it is read; the last whole reading counts. */
    private static final class DigestedBody implements Body {
        private final Path file;
        private final long sizeBytes;
        private MessageDigest digest = newDigest();
        private long seenBytes;
        private long cpuNanos;

        DigestedBody(Path file) throws IOException {
            this.file = file;
            this.sizeBytes = Files.size(file);
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }

        long cpuNanos() {
            return cpuNanos;
        }

        String digest() throws IOException {
            if (seenBytes != sizeBytes) {
                return Digests.of(file);
            }
            return Digests.PREFIX + HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public InputStream open() throws IOException {
            digest = newDigest();
            seenBytes = 0;
            return new FilterInputStream(Files.newInputStream(file)) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int n = in.read(into, offset, Math.min(length, BUFFER_BYTES));
                    if (n > 0) {
                        long startNanos = ThreadCpu.nanos();
                        digest.update(into, offset, n);
                        seenBytes += n;
                        cpuNanos += ThreadCpu.nanos() - startNanos;
                    }
                    return n;
                }

                @Override
                public long skip(long n) throws IOException {
                    return n <= 0
                            ? 0
                            : Math.max(0, read(new byte[(int) Math.min(n, 8192)], 0, (int) Math.min(n, 8192)));
                }

                @Override
                public boolean markSupported() {
                    return false;
                }
            };
        }

        private static MessageDigest newDigest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java runtime has SHA-256", e);
            }
        }
    }
}
