package dev.hindsight.repository;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.digest.VerifyingInputStream;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RepositoryInfo;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.SmallObjects;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One repository: its documents, its objects, its catalogue. Everything goes through references that hold size and
 * digest; every byte is checked when it is read. Safe for use by several threads.
 */
public final class Repository {
    private static final Logger LOG = LoggerFactory.getLogger(Repository.class);

    /** A document that was looked up by key, and the reference that names it from now on. */
    public record Found<T extends Record>(ObjectRef ref, T document) {}

    private static final String SMALLER = "run 'hindsight verify' to see all that is damaged";

    private final ObjectStore store;
    private final RepositoryInfo info;
    private final Catalogue catalogue;

    private Repository(ObjectStore store, RepositoryInfo info) {
        this.store = store;
        this.info = info;
        this.catalogue = new Catalogue(store);
    }

    /** @throws RepositoryMissingException nothing was made there by {@link #init} */
    public static Repository open(ObjectStore store) {
        return readTwice(() -> {
            byte[] bytes = SmallObjects.find(store, Keys.REPOSITORY, 1 << 20)
                    .orElseThrow(() -> new RepositoryMissingException(
                            "there is no repository in " + store.location() + ": " + Keys.REPOSITORY + " is missing",
                            "check the path, or make a repository with 'hindsight init'"));
            return new Repository(store, Documents.fromBytes(bytes, RepositoryInfo.class, Keys.REPOSITORY));
        });
    }

    /**
     * Makes a repository in a store that keeps its promises.
     *
     * @throws AlreadyExistsException there is one already
     * @throws dev.hindsight.model.failure.UnsupportedException the store is not safe; the message says what it did
     */
    public static Repository init(ObjectStore store, Clock clock) {
        if (store.size(Keys.REPOSITORY).isPresent()) {
            throw alreadyThere(store);
        }
        if (store.size(Keys.catalogueEntry(1)).isPresent()) {
            throw new CorruptException(
                    "object " + Keys.REPOSITORY + " of " + store.location() + " is missing, but there is a catalogue",
                    "put " + Keys.REPOSITORY + " back from a copy of the repository");
        }
        StoreProbe.requireSafe(store);
        String version = Repository.class.getPackage().getImplementationVersion();
        RepositoryInfo info = new RepositoryInfo(
                RepositoryInfo.FORMAT,
                UUID.randomUUID().toString(),
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                "hindsight " + (version == null ? "0.1.0" : version));
        byte[] bytes = Documents.toBytes(info);
        boolean ours = store.putIfAbsent(Keys.REPOSITORY, Body.of(bytes)) == PutOutcome.CREATED
                || Arrays.equals(
                        bytes,
                        SmallObjects.find(store, Keys.REPOSITORY, 1 << 20).orElse(new byte[0]));
        if (!ours) {
            throw alreadyThere(store);
        }
        return new Repository(store, info);
    }

    public ObjectStore store() {
        return store;
    }

    public RepositoryInfo info() {
        return info;
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * Creates a document. To do it again with an equal document gives the same reference.
     *
     * @throws AlreadyExistsException another document has that key
     */
    public ObjectRef put(String key, Record document) {
        byte[] bytes = Documents.toBytes(document);
        ObjectRef ref = new ObjectRef(key, bytes.length, Digests.of(bytes));
        if (store.putIfAbsent(key, Body.of(bytes)) == PutOutcome.EXISTS) {
            requireSame(ref);
        }
        return ref;
    }

    /**
     * Creates an object whose digest was computed before, with the same rule for a key that exists.
     *
     * @param digest of the body's bytes, {@code sha256:...}
     */
    public ObjectRef put(String key, Body body, String digest) {
        ObjectRef ref = new ObjectRef(key, body.sizeBytes(), Digests.requireWellFormed(digest, key));
        if (store.putIfAbsent(key, body) == PutOutcome.EXISTS) {
            requireSame(ref);
        }
        return ref;
    }

    /** @throws CorruptException it is missing, damaged, or not what {@code ref} says */
    public <T extends Record> T load(ObjectRef ref, Class<T> type) {
        if (ref.sizeBytes() > Documents.MAX_BYTES) {
            throw new CorruptException(
                    "object " + ref.key() + ": a document of " + ref.sizeBytes() + " bytes is not believable", SMALLER);
        }
        return readTwice(() -> {
            try (InputStream in = open(ref)) {
                return Documents.fromBytes(in.readAllBytes(), type, ref.key());
            } catch (IOException e) {
                throw unreadable(ref, e);
            }
        });
    }

    /** What comes damaged may have been damaged on its way here only: it is damaged when it comes so again. */
    private static <T> T readTwice(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (CorruptException e) {
            LOG.info("read again, as it came damaged problem={}", e.getMessage());
            return reading.get();
        }
    }

    /** A document by key alone, as a step that may have been done by somebody else; checked by its seal. */
    public <T extends Record> Optional<Found<T>> find(String key, Class<T> type) {
        return readTwice(() -> SmallObjects.find(store, key, Documents.MAX_BYTES)
                .map(bytes -> new Found<>(
                        new ObjectRef(key, bytes.length, Digests.of(bytes)), Documents.fromBytes(bytes, type, key))));
    }

    /** The object's bytes; whoever reads to the end has checked them. */
    public InputStream open(ObjectRef ref) {
        if (!ref.envelope().equals(ObjectRef.NO_ENVELOPE)) {
            throw new FormatTooNewException(
                    "object " + ref.key() + ": wrapped as '" + ref.envelope() + "', this version reads only '"
                            + ObjectRef.NO_ENVELOPE + "'",
                    "use the Hindsight that wrote it, or a newer one");
        }
        try {
            return new VerifyingInputStream(store.get(ref.key()), ref.key(), ref.sizeBytes(), ref.digest());
        } catch (NotFoundException e) {
            throw new CorruptException(
                    "object " + ref.key() + " is missing; expected " + ref.sizeBytes() + " bytes, " + ref.digest(),
                    SMALLER,
                    e);
        }
    }

    /** Reads the whole object and checks it; throws as {@link #load} does. */
    public void check(ObjectRef ref) {
        readTwice(() -> {
            try (InputStream in = open(ref)) {
                return in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                throw unreadable(ref, e);
            }
        });
    }

    /**
     * Writes a backup's manifest and makes the backup visible. May be repeated: a manifest that an earlier run of the
     * same plan wrote before it died is adopted.
     *
     * @throws AlreadyExistsException the manifest's key is taken by a backup of another plan
     * @throws dev.hindsight.model.failure.ReplacedException the author's claim is over; nothing was published
     */
    public PublishedBackup publish(BackupManifest manifest, Author author) {
        return publish(manifest, author, Catalogue.Guard.NONE);
    }

    /** As {@link #publish(BackupManifest, Author)}, under a condition on everything before the catalogue entry. */
    public PublishedBackup publish(BackupManifest manifest, Author author, Catalogue.Guard guard) {
        Failpoints.hit(Failpoint.MANIFEST_PUT);
        ObjectRef ref = putOrAdopt(manifest);
        CatalogueEntry entry =
                catalogue.append(new Change.Publish(manifest.id(), ref, manifest.rebaseOf()), author, guard);
        return catalogue
                .view()
                .find(manifest.id())
                .orElseGet(() -> new PublishedBackup(manifest.id(), ref, entry, Optional.empty(), false));
    }

    private ObjectRef putOrAdopt(BackupManifest manifest) {
        String key = Keys.backupManifest(manifest.id());
        try {
            return put(key, manifest);
        } catch (AlreadyExistsException e) {
            return find(key, BackupManifest.class)
                    .filter(found -> found.document().plan().equals(manifest.plan()))
                    .map(Found::ref)
                    .orElseThrow(() -> e);
        }
    }

    private void requireSame(ObjectRef ref) {
        try {
            check(ref);
        } catch (CorruptException e) {
            throw new AlreadyExistsException(
                    "object " + ref.key() + " of " + store.location() + " exists with other content: " + e.getMessage(),
                    "nothing is ever overwritten; use another id",
                    e);
        }
    }

    private StoreUnreachableException unreadable(ObjectRef ref, IOException e) {
        return new StoreUnreachableException(
                "object " + ref.key() + " of " + store.location() + " cannot be read: " + e.getMessage(),
                "check that the store is reachable and whole, then repeat the command",
                e);
    }

    private static AlreadyExistsException alreadyThere(ObjectStore store) {
        return new AlreadyExistsException(
                "there is a repository in " + store.location() + " already", "use it, or choose another place");
    }
}
