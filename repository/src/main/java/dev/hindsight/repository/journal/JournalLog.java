package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.SmallObjects;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The log of one table's journal: numbered entries, dense from 1, each with the digest of the one before, each created once.
 * Nothing is in the journal until an entry says so. Numbers have no holes, so the newest entry is found by asking for
 * numbers, never by a listing.
 *
 * <p>Keeps the entries read last. One thread.
 *
 * <p>Failures: {@link CorruptException} naming the object, {@link dev.hindsight.model.failure.FormatTooNewException}, those of
 * the store.
 */
public final class JournalLog {
    private static final int KEPT = 512;
    private static final String HINT =
            "run 'hindsight verify' to see all that is damaged; a new base begins a new window";

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
        long known = newest;
        long step = 1;
        long missing;
        while (true) {
            long asked = known + step;
            if (!exists(asked)) {
                missing = asked;
                break;
            }
            known = asked;
            step *= 2;
        }
        while (missing - known > 1) {
            long middle = known + (missing - known) / 2;
            if (exists(middle)) {
                known = middle;
            } else {
                missing = middle;
            }
        }
        newest = known;
        return known == 0 ? Optional.empty() : Optional.of(load(known).entry());
    }

    private boolean exists(long number) {
        return kept.containsKey(number)
                || store.size(Keys.journalEntry(table, tableId, number)).isPresent();
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
                    throw corrupt(
                            number, "names " + read.entry().previous() + " as the entry before, which is " + before);
                }
            }
            out.add(read.entry());
        }
        return out;
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
     * Publishes an entry, if there is none of its number. One that lost reads on and begins again. That the very same entry
     * is there, because an answer was lost, counts as {@code CREATED}.
     */
    public PutOutcome append(JournalEntry entry) {
        String key = Keys.journalEntry(table, tableId, entry.number());
        if (!entry.previous().equals(digestOf(entry.number() - 1))) {
            throw new IllegalArgumentException("entry " + entry.number() + " does not name the one before it");
        }
        byte[] bytes = Documents.toBytes(entry);
        if (store.putIfAbsent(key, Body.of(bytes)) == PutOutcome.CREATED) {
            kept.put(entry.number(), new Read(entry, Digests.of(bytes)));
            newest = Math.max(newest, entry.number());
            return PutOutcome.CREATED;
        }
        return load(entry.number()).digest().equals(Digests.of(bytes)) ? PutOutcome.CREATED : PutOutcome.EXISTS;
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
