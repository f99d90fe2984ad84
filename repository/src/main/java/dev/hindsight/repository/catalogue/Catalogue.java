package dev.hindsight.repository.catalogue;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.SmallObjects;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The repository's own log: {@code catalog/<n>.json}, n dense from 1, each entry naming the digest of the one before.
 *
 * <p>Appending is one create-only put of the next number; whoever loses the race reads the winner's entry and takes the
 * number after it. What is not reached from here does not exist. Reading asks for number after number; listing is only a
 * hint (FORMAT.md, Catalogue).
 *
 * <p>A damaged newest entry stops nobody: the next one chains on the bytes that are there and tells what was wrong with
 * them, so that both damage and chain stay visible, and putting the right bytes back later heals the catalogue.
 *
 * <p>Safe for use by several threads and processes. Fails with {@link CorruptException} naming the broken entry and the
 * backups it hurts, and with {@code FormatTooNewException} as soon as any entry is newer than this version: it may
 * change the meaning of all before it.
 */
public final class Catalogue {
    /** Looks at everything before an entry, right before it is put there; throws what keeps it from being put. */
    public interface Guard {
        Guard NONE = view -> {};

        void check(CatalogueView before);
    }

    private final ObjectStore store;
    private CatalogueReader reader;

    public Catalogue(ObjectStore store) {
        this.store = store;
        this.reader = new CatalogueReader(store);
    }

    /** Reads everything again, from number 1 on, and reports what is broken instead of failing. */
    public synchronized CatalogueView inspect() {
        readAgain();
        return reader.view();
    }

    /** All entries, by number. Reads only what is new since the last call on this object. */
    public List<CatalogueEntry> entries() {
        return whole().entries();
    }

    /** All backups that can be seen, oldest first. */
    public List<PublishedBackup> backups() {
        return whole().backups();
    }

    /**
     * The backup with the newest records, {@link CatalogueView#newest}; empty when there is none. Damage before a whole newest entry does not matter.
     *
     * @throws CorruptException the newest entry is damaged, so that it is not known what it published
     */
    public synchronized Optional<PublishedBackup> latest() {
        CatalogueView view = current();
        if (!reader.newestIsWhole()) {
            view.requireWhole();
        }
        return view.newest();
    }

    /** What can be read and what is broken. Reads only what is new since the last call on this object. */
    public CatalogueView view() {
        return current();
    }

    /**
     * One backup by id. Damage elsewhere in the catalogue does not keep a backup with a whole entry from being found.
     *
     * @throws CorruptException it was not found and the catalogue is damaged, so that it may have been there
     */
    public Optional<PublishedBackup> find(String backup) {
        CatalogueView view = current();
        Optional<PublishedBackup> found = view.find(backup);
        return found.isPresent() ? found : view.requireWhole().find(backup);
    }

    /**
     * One more than the highest epoch seen: asked by a writer when its run begins. An entry that cannot be read counts with
     * its number, which no epoch exceeds.
     */
    public synchronized long nextEpoch() {
        long highest = current().entries().stream()
                .mapToLong(CatalogueEntry::epoch)
                .max()
                .orElse(0);
        return Math.max(highest, reader.highestBroken()) + 1;
    }

    /**
     * Reads on and looks whether a claim still stands.
     *
     * @throws ReplacedException it was replaced or ended
     */
    public void requireStanding(long claim) {
        current().requireStanding(claim);
    }

    /**
     * Asked by a writer before it does anything dear: whether {@link #append} will find a place for its entry.
     *
     * @return what is broken, for the writer's report; empty when all is well
     * @throws CorruptException the newest entry is missing though later ones are listed, so that there is no end to go on
     *     from
     */
    public synchronized List<String> requireAppendable() {
        CatalogueView view = current();
        if (reader.lastDigest().isEmpty()) {
            view.requireWhole();
        }
        return view.problems();
    }

    /** As {@link #append(Change, Author, Guard)}, with no condition of the caller's own. */
    public CatalogueEntry append(Change change, Author author) {
        return append(change, author, Guard.NONE);
    }

    /**
     * Appends an entry, or gives the one that says the same already: to do it again, also after a failure of which nobody
     * saw the end, adds nothing. What an entry needs is checked against everything before it: whoever else appends in
     * between takes its number, and all is checked again for the next one.
     *
     * @param guard called for every attempt, may throw
     * @throws ReplacedException the author's claim was replaced or ended; the entry is not there, or does not count
     * @throws PreconditionFailedException the change is impossible now: the backup is not there, is held, is expired
     * @throws CorruptException as {@link #requireAppendable}; or anything is broken and the change lets something go
     */
    public synchronized CatalogueEntry append(Change change, Author author, Guard guard) {
        CatalogueView view = current();
        while (true) {
            Optional<CatalogueEntry> done = Rules.done(change, view);
            if (done.isPresent()) {
                return done.get();
            }
            if (!reader.newestIsWhole()) {
                readAgain();
                view = reader.view();
            }
            String previous = reader.lastDigest().orElse("");
            if (previous.isEmpty()) {
                view.requireWhole();
            }
            Rules.requirePossible(change, author, view);
            guard.check(view);
            CatalogueEntry entry = change.asEntry(author, reader.last() + 1, previous, reader.newestProblem());
            hitBefore(change);
            create(entry);
            reader.advance();
            if (reader.last() < entry.number()) {
                throw new OutcomeUnknownException(
                        "catalogue entry " + entry.number() + " for " + Rules.subject(change)
                                + " was put, but cannot be read back from " + store.location(),
                        "check the store; then repeat the command, which does this at most once");
            }
            view = reader.view();
            if (reader.entries().contains(entry)) {
                if (change instanceof Change.Publish) {
                    Failpoints.hit(Failpoint.PUBLISH_AFTER);
                }
                Rules.requireCounts(entry, view);
                return entry;
            }
        }
    }

    private static void hitBefore(Change change) {
        if (change instanceof Change.Publish) {
            Failpoints.hit(Failpoint.PUBLISH_BEFORE);
        } else if (change instanceof Change.Claim) {
            Failpoints.hit(Failpoint.CLAIM_PUT);
        } else if (change instanceof Change.End) {
            Failpoints.hit(Failpoint.CLAIM_END);
        }
    }

    /** What was damaged may have been put right, or was damaged on its way here only. */
    private void readAgain() {
        CatalogueReader fresh = new CatalogueReader(store);
        fresh.advanceAndLookForHoles();
        reader = fresh;
    }

    /** Creates the entry, or finds that another one took its number; a lost answer about our own one is no failure. */
    private void create(CatalogueEntry entry) {
        byte[] bytes = Documents.toBytes(entry);
        String key = Keys.catalogueEntry(entry.number());
        try {
            store.putIfAbsent(key, Body.of(bytes));
        } catch (HindsightException e) {
            if (!isThere(key, bytes, e)) {
                throw e;
            }
        }
    }

    private boolean isThere(String key, byte[] bytes, HindsightException failure) {
        try {
            return SmallObjects.find(store, key, CatalogueReader.MAX_ENTRY_BYTES)
                    .map(found -> Arrays.equals(found, bytes))
                    .orElse(false);
        } catch (HindsightException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    private CatalogueView whole() {
        return current().requireWhole();
    }

    private synchronized CatalogueView current() {
        if (reader.last() == 0) {
            reader.advanceAndLookForHoles();
        } else {
            reader.advance();
        }
        return reader.view();
    }
}
