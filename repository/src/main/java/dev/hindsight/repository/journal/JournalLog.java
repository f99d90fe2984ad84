package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalFloor;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.SmallObjects;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The log of one table's journal: numbered entries, dense from 1, each with the digest of the one before, each created once.
 * Nothing is in the journal until an entry says so. Numbers have no holes, so the newest entry is found by asking for
 * numbers, never by a listing. Old entries may be deleted behind a floor, which is looked at whenever a number is missing, and
 * whenever one was put: who stalled for long must not take a number that was won before for its own.
 *
 * <p>Keeps the entries read last. One thread.
 *
 * <p>Failures: {@link CorruptException} naming the object, {@link FormatTooNewException}, those of
 * the store.
 */
public final class JournalLog {
    private static final int KEPT = 512;
    private static final Pattern ENTRY = Pattern.compile("([0-9]{12})\\.json");
    private static final String HINT =
            "run 'hindsight verify' to see all that is damaged; a new base begins a new window";

    /** What became of an entry. */
    public enum Outcome {
        PUBLISHED,
        /** Another one has its number, and nobody will ever read this one. */
        LOST,
        /**
         * By the time that this could be looked at the log had gone on so far that the number counts no more. The entry may
         * have been published, and what it names be needed; or its number was won and let go of before.
         */
        UNKNOWN
    }

    /** An entry and the digest of its bytes, which the next one names. */
    private record Read(JournalEntry entry, String digest) {}

    private final ObjectStore store;
    private final TableName table;
    private final UUID tableId;
    private final Map<Long, Read> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Read> eldest) {
            return size() > KEPT;
        }
    };
    private long newest;
    /** Number of the newest floor. */
    private long floor;

    private long firstEntry = 1;

    public JournalLog(ObjectStore store, TableName table, UUID tableId) {
        this.store = store;
        this.table = table;
        this.tableId = tableId;
    }

    public TableName table() {
        return table;
    }

    public UUID tableId() {
        return tableId;
    }

    /** The newest entry that there is now; empty for a table without a journal. */
    public Optional<JournalEntry> newest() {
        while (true) {
            newest = DenseNumbers.newest(Math.max(newest, firstEntry - 1), this::exists);
            // Where one is missing it may have been deleted: then the floor is above it by now.
            if (!raiseFloor() || firstEntry <= newest) {
                return newest == 0 ? Optional.empty() : Optional.of(load(newest).entry());
            }
        }
    }

    /** The newest entry that was read or put last, without asking the store again; as {@link #newest()} before there was one. */
    public Optional<JournalEntry> newestKnown() {
        Read read = kept.get(newest);
        return read == null ? newest() : Optional.of(read.entry());
    }

    /**
     * Lets go of all entries but those that each further one needs: the first, the newest, and what defines its schemas. The
     * others are read again when they are asked for.
     */
    public void forgetHistory() {
        Read read = kept.get(newest);
        if (read == null) {
            kept.clear();
            return;
        }
        Set<Long> needed = new HashSet<>(List.of(1L, newest));
        read.entry().schemas().forEach(schema -> needed.add(schema.entry()));
        // Where it was truncated, each round looks at all that entries tell since the last that tells everything.
        long from = read.entry().truncatedMicros().isPresent()
                ? read.entry().checkpoint().orElse(1L)
                : newest;
        kept.keySet().removeIf(number -> number < from && !needed.contains(number));
    }

    /**
     * Looks whether entries lie behind one that is missing: those cannot be reached, and whoever went on would put another
     * entry into the hole. By a listing, which may leave some out, so this finds no hole that is not there.
     *
     * @throws CorruptException naming the object that is missing
     */
    public void requireNoHole() {
        requireNoHole(store.list(Keys.journal(table, tableId) + "log/"));
    }

    /** The same, where entries were listed already, among other objects. Asks for each that should be there and was not listed. */
    public void requireNoHole(Collection<String> listed) {
        String one = Keys.journalEntry(table, tableId, 1);
        int digits = one.lastIndexOf('/') + 1;
        Set<Long> there = listed.stream()
                .filter(key -> key.startsWith(one.substring(0, digits)))
                .map(key -> ENTRY.matcher(key.substring(digits)))
                .filter(Matcher::matches)
                .map(matcher -> Long.parseLong(matcher.group(1)))
                .collect(Collectors.toSet());
        long last = there.stream().mapToLong(Long::longValue).max().orElse(0);
        long known = newest().map(JournalEntry::number).orElse(0L);
        if (last > known) {
            throw hole(known + 1, last);
        }
        // The search for the newest asks for few of them.
        for (long number = firstEntry; number <= known; number++) {
            if (!there.contains(number)
                    && store.size(Keys.journalEntry(table, tableId, number)).isEmpty()
                    && number >= firstEntry()) {
                throw hole(number, known);
            }
        }
    }

    private CorruptException hole(long missing, long last) {
        return new CorruptException(
                "object " + Keys.journalEntry(table, tableId, missing) + " is missing, and entry " + last + " is there",
                "stop every serve and seal first; put it back from a copy of the repository; if there is none, delete the"
                        + " entries behind it, the highest number first, then start them again: what they told of is lost"
                        + " then, and a new base begins a new window");
    }

    /**
     * Looks whether each entry can be read that the newest one needs, and the next does: the first of all, and what defines
     * the versions of the schema, however old. Who reads from a checkpoint on reads them only where it needs them.
     *
     * @return what is wrong with each that cannot
     */
    public List<HindsightException> damaged(JournalEntry newest) {
        List<HindsightException> out = new ArrayList<>();
        long first = firstEntry();
        for (long number : new TreeSet<>(List.of(1L, first))) {
            try {
                load(number);
            } catch (CorruptException | FormatTooNewException e) {
                out.add(e);
            } catch (NotFoundException e) {
                // It may have been let go of.
                if (number == 1 || firstEntry() == first) {
                    out.add(e);
                }
            }
        }
        Set<Long> entries = new HashSet<>();
        for (JournalEntry.SchemaVersion schema : newest.schemas()) {
            try {
                definition(newest, schema.version());
            } catch (CorruptException | FormatTooNewException | NotFoundException e) {
                if (schema.entry() > 1 && schema.entry() != first && entries.add(schema.entry())) {
                    out.add(e);
                }
            }
        }
        return out;
    }

    private boolean exists(long number) {
        return kept.containsKey(number)
                || store.size(Keys.journalEntry(table, tableId, number)).isPresent();
    }

    /** Number of the first entry that is there for sure, and all behind it. */
    public long firstEntry() {
        raiseFloor();
        return firstEntry;
    }

    /** Whether the floor is higher than was known. */
    private boolean raiseFloor() {
        long found = DenseNumbers.newest(
                floor,
                number -> store.size(Keys.journalFloor(table, tableId, number)).isPresent());
        if (found == floor) {
            return false;
        }
        String key = Keys.journalFloor(table, tableId, found);
        byte[] bytes = SmallObjects.find(store, key, Documents.MAX_BYTES)
                .orElseThrow(() -> new NotFoundException("there is no object " + key, HINT));
        JournalFloor read = Documents.fromBytes(bytes, JournalFloor.class, key);
        if (read.number() != found || !read.tableId().equals(tableId) || read.firstEntry() < firstEntry) {
            throw new CorruptException(
                    "object " + key + ": is floor " + read.number() + " of table id " + read.tableId() + " at entry "
                            + read.firstEntry() + ", before which it was " + firstEntry,
                    HINT);
        }
        floor = found;
        firstEntry = read.firstEntry();
        return true;
    }

    /** Lets go of the entries before one, which must be a checkpoint; they may be deleted then. */
    public void raiseFloor(long entry, Instant now, String writer) {
        while (entry > firstEntry()) {
            if (load(entry).entry().state().isEmpty()) {
                throw new IllegalArgumentException("entry " + entry + " is no checkpoint");
            }
            JournalFloor next = new JournalFloor(JournalFloor.FORMAT, floor + 1, now, writer, table, tableId, entry);
            store.putIfAbsent(Keys.journalFloor(table, tableId, floor + 1), Body.of(Documents.toBytes(next)));
        }
    }

    /**
     * One entry.
     *
     * @throws NotFoundException there is none of that number
     */
    public JournalEntry entry(long number) {
        return load(number).entry();
    }

    /** Entries {@code from} to {@code to}, in order; each names the digest of the one before it. */
    public List<JournalEntry> entries(long from, long to) {
        List<JournalEntry> out = new ArrayList<>();
        for (long number = from; number <= to; number++) {
            Read read = load(number);
            if (number > from) {
                String before = load(number - 1).digest();
                if (!read.entry().previous().equals(before)) {
                    requireNotLetGo(from);
                    throw corrupt(
                            number, "names " + read.entry().previous() + " as the entry before, which is " + before);
                }
            }
            out.add(read.entry());
        }
        return out;
    }

    /** Where entries were deleted, one that came too late may stand alone. */
    private void requireNotLetGo(long from) {
        if (firstEntry() > from) {
            throw new NotFoundException(
                    "entry " + from + " of the journal of " + table + " was let go of while it was read",
                    "run it again");
        }
    }

    private Read load(long number) {
        Read known = kept.get(number);
        if (known != null) {
            return known;
        }
        String key = Keys.journalEntry(table, tableId, number);
        byte[] bytes = SmallObjects.find(store, key, Documents.MAX_BYTES)
                .orElseThrow(() -> new NotFoundException("there is no object " + key, HINT));
        JournalEntry entry = Documents.fromBytes(bytes, JournalEntry.class, key);
        if (entry.number() != number || !entry.tableId().equals(tableId)) {
            throw corrupt(number, "is entry " + entry.number() + " of table id " + entry.tableId());
        }
        Read read = new Read(entry, Digests.of(bytes));
        kept.put(number, read);
        return read;
    }

    /** What the entry behind this one has to name; {@link JournalEntry#NO_PREVIOUS} behind 0. */
    public String digestOf(long number) {
        return number == 0 ? JournalEntry.NO_PREVIOUS : load(number).digest();
    }

    /**
     * Publishes an entry, if there is none of its number. One that lost reads on and begins again, and so does one that
     * cannot know; that the very same entry is there, because an answer was lost, counts as published. Deletes nothing.
     */
    public Outcome append(JournalEntry entry) {
        String key = Keys.journalEntry(table, tableId, entry.number());
        if (!entry.previous().equals(digestOf(entry.number() - 1))) {
            throw new IllegalArgumentException("entry " + entry.number() + " does not name the one before it");
        }
        byte[] bytes = Documents.toBytes(entry);
        String digest = Digests.of(bytes);
        boolean created = store.putIfAbsent(key, Body.of(bytes)) == PutOutcome.CREATED;
        boolean there = created || isThere(entry.number(), digest);
        // Only now: whatever of this number was deleted before that, the floor was raised before.
        if (firstEntry() > entry.number()) {
            kept.remove(entry.number());
            return Outcome.UNKNOWN;
        }
        if (!there) {
            return Outcome.LOST;
        }
        kept.put(entry.number(), new Read(entry, digest));
        newest = Math.max(newest, entry.number());
        return Outcome.PUBLISHED;
    }

    private boolean isThere(long number, String digest) {
        try {
            return load(number).digest().equals(digest);
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** What a version of the schema was, as of some entry. */
    public JournalEntry.Definition definition(JournalEntry entry, int version) {
        for (JournalEntry.SchemaVersion schema : entry.schemas()) {
            if (schema.version() == version) {
                JournalEntry defining = schema.entry() == entry.number()
                        ? entry
                        : load(schema.entry()).entry();
                return defining.definitions().stream()
                        .filter(one -> one.version() == version)
                        .findFirst()
                        .orElseThrow(() -> corrupt(schema.entry(), "does not define version " + version));
            }
        }
        throw corrupt(entry.number(), "has no version " + version + " of the schema");
    }

    private CorruptException corrupt(long number, String what) {
        return new CorruptException("object " + Keys.journalEntry(table, tableId, number) + ": " + what, HINT);
    }
}
