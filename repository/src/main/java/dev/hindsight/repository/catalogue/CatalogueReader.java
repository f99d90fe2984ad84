package dev.hindsight.repository.catalogue;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.SmallObjects;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the chain of entries forward and goes on from where it was.
 *
 * <p>The end is where the next number is not there: found by asking for it, never by listing. A listing only tells a
 * hole from an end, and is believed only after the object it shows was read. One thread at a time.
 */
final class CatalogueReader {
    /** An entry has a few hundred bytes. */
    static final int MAX_ENTRY_BYTES = 1 << 20;

    /** Enough to see that a catalogue is ruined; a stray object with a huge number must not keep a reader for ever. */
    private static final int MAX_PROBLEMS = 100;

    private static final String NO_PREVIOUS = "none";

    private static final Logger LOG = LoggerFactory.getLogger(CatalogueReader.class);

    private final ObjectStore store;
    private final List<CatalogueEntry> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private long last;
    /** Of the bytes of entry {@code last}; null when they are missing. */
    private @Nullable String lastDigest = NO_PREVIOUS;

    /** What is wrong with entry {@code last}; null when it is whole. */
    private @Nullable String lastProblem;

    private long highestBroken;

    CatalogueReader(ObjectStore store) {
        this.store = store;
    }

    CatalogueView view() {
        return new CatalogueView(entries, problems, last);
    }

    List<CatalogueEntry> entries() {
        return entries;
    }

    long last() {
        return last;
    }

    /** The digest that the next entry must name; empty if there are no bytes to have one. */
    Optional<String> lastDigest() {
        return Optional.ofNullable(lastDigest);
    }

    boolean newestIsWhole() {
        return lastProblem == null;
    }

    /** What is wrong with the newest entry. */
    Optional<String> newestProblem() {
        return Optional.ofNullable(lastProblem);
    }

    /** The highest number whose entry is damaged or missing; 0 when there is none. */
    long highestBroken() {
        return highestBroken;
    }

    /** Reads all entries that were added since. */
    void advance() {
        for (Optional<byte[]> next = read(last + 1); next.isPresent(); next = read(last + 1)) {
            accept(next.get());
        }
    }

    /** As {@link #advance}, and looks behind holes. */
    void advanceAndLookForHoles() {
        advance();
        for (long beyond = highestListed(); beyond > last; beyond = Math.max(beyond, highestListed())) {
            Optional<byte[]> far = read(beyond);
            if (far.isEmpty()) {
                return;
            }
            advance();
            if (last >= beyond) {
                return;
            }
            // Numbers are dense and the far entry is there, so the next one was there once. A newer format may have
            // removed it on purpose, which only the far entry can say.
            requireReadableFormat(beyond, far.get());
            if (problems.size() >= MAX_PROBLEMS) {
                problems.add("and more, up to number " + beyond);
                return;
            }
            missing(last + 1, beyond);
            advance();
        }
    }

    /** What is there under the next number; with a problem it does not count. */
    private record Judged(byte[] bytes, Optional<CatalogueEntry> entry, Optional<String> problem) {
        static Judged whole(byte[] bytes, CatalogueEntry entry) {
            return new Judged(bytes, Optional.of(entry), Optional.empty());
        }

        static Judged damaged(byte[] bytes, Optional<CatalogueEntry> entry, String problem) {
            return new Judged(bytes, entry, Optional.of(problem));
        }
    }

    private void accept(byte[] bytes) {
        long number = last + 1;
        Judged judged = judge(bytes);
        if (judged.problem().isPresent()) {
            // It may have been damaged on its way here only.
            judged = read(number)
                    .filter(again -> !Arrays.equals(again, bytes))
                    .map(this::judge)
                    .orElse(judged);
        }
        String problem = judged.problem().orElse(null);
        if (problem != null) {
            highestBroken = number;
            damaged(number, problem, hurts(judged));
        } else {
            judged.entry().ifPresent(entries::add);
        }
        last = number;
        lastDigest = Digests.of(judged.bytes());
        lastProblem = problem;
    }

    private Judged judge(byte[] bytes) {
        long number = last + 1;
        CatalogueEntry entry;
        try {
            entry = Documents.fromBytes(bytes, CatalogueEntry.class, Keys.catalogueEntry(number));
        } catch (CorruptException e) {
            return Judged.damaged(bytes, Optional.empty(), String.valueOf(e.getMessage()));
        }
        if (entry.number() != number) {
            return Judged.damaged(bytes, Optional.of(entry), "says that it is number " + entry.number());
        }
        if (!follows(entry)) {
            String before = number == 1 ? "the beginning" : "entry " + (number - 1);
            return Judged.damaged(
                    bytes,
                    Optional.of(entry),
                    "follows " + entry.previous() + ", but " + before + " is " + lastDigest
                            + ": one of the two was replaced");
        }
        return Judged.whole(bytes, entry);
    }

    private String hurts(Judged judged) {
        if (judged.entry().isEmpty()) {
            return unnamedManifests();
        }
        CatalogueEntry entry = judged.entry().get();
        return entry.number() == last + 1 ? namesFrom(last, entry) : entry.backup();
    }

    /**
     * Whether {@code entry} and the one before fit together, as far as can be known. They need not where one of them is
     * known to have been damaged: the newest is, and was reported; or it was when {@code entry} was written, which then
     * names the digest of the damaged bytes, and right bytes were put there since.
     */
    private boolean follows(CatalogueEntry entry) {
        return lastDigest == null
                || entry.previous().equals(lastDigest)
                || lastProblem != null
                || entry.previousProblem().isPresent();
    }

    /** Only to hear of a newer format: damage is reported when its number comes. */
    private static void requireReadableFormat(long number, byte[] bytes) {
        try {
            Documents.fromBytes(bytes, CatalogueEntry.class, Keys.catalogueEntry(number));
        } catch (CorruptException e) {
            LOG.debug("damaged entry beyond a hole number={} problem={}", number, e.getMessage());
        }
    }

    private void missing(long number, long seen) {
        String problem = "is missing, although number " + seen + " is there";
        damaged(number, problem, unnamedManifests());
        last = number;
        lastDigest = null;
        lastProblem = problem;
        highestBroken = number;
    }

    private void damaged(long number, String what, String hurts) {
        problems.add("catalogue entry " + number + " (" + Keys.catalogueEntry(number) + ") " + what + "; hurts: "
                + (hurts.isEmpty()
                        ? "what it said: the backup that it published, or the hold, expiry or claim that it was"
                        : "backup " + hurts));
    }

    private String namesFrom(long number, CatalogueEntry entry) {
        return Stream.concat(entries.stream().filter(one -> one.number() == number), Stream.of(entry))
                .map(CatalogueEntry::backup)
                .filter(backup -> !backup.isEmpty())
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    /** Backups whose manifest is there though no entry names it: what a lost entry may have been about. */
    private String unnamedManifests() {
        TreeSet<String> found = new TreeSet<>();
        for (String key : store.list(Keys.BACKUPS)) {
            found.add(Keys.backupOfManifest(key));
        }
        found.remove("");
        entries.forEach(entry -> found.remove(entry.backup()));
        return String.join(" or ", found);
    }

    private long highestListed() {
        return store.list(Keys.CATALOGUE).stream()
                .mapToLong(key -> Keys.entryNumber(key).orElse(0))
                .max()
                .orElse(0);
    }

    private Optional<byte[]> read(long number) {
        return SmallObjects.find(store, Keys.catalogueEntry(number), MAX_ENTRY_BYTES);
    }
}
