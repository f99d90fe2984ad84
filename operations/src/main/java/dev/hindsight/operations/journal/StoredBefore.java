package dev.hindsight.operations.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.engine.journal.KeyRecords;
import dev.hindsight.engine.journal.KeyRecords.KeyRecord;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.journal.BeforeCursor;
import dev.hindsight.repository.journal.BeforeReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what one row was when a section of its history begins, where that is stored: what it was before the first record that
 * touches it. Gives nothing wherever it could be another answer than the base and all records since give: when the row is not
 * touched, when that record is completed from another base that may know more or less than the section's, when the table was
 * changed as a whole before it, when a static row belongs to it, which other records touch; also when what is stored is
 * damaged, or was just collected. One thread.
 *
 * <p>Of two bases one leads to the same as the other when it is a rebase of it, or of what that is a rebase of; and when the
 * later one surely had every write, as {@link Completion#sureSinceMicros} says, and so has all that lies between the earlier
 * one and the record.
 */
final class StoredBefore {
    private static final Logger LOG = LoggerFactory.getLogger(StoredBefore.class);

    /** Of a deletion that reached more, finding one row takes longer than the base does. */
    private static final long MOST_BYTES = 8 << 20;

    private final ObjectStore store;
    private final CatalogueView catalogue;
    private final TableEvidence table;
    private final RestorableWindow window;
    private final HistoryKey key;

    /** @param window that the sections are of */
    StoredBefore(
            ObjectStore store, CatalogueView catalogue, TableEvidence table, RestorableWindow window, HistoryKey key) {
        this.store = store;
        this.catalogue = catalogue;
        this.table = table;
        this.window = window;
        this.key = key;
    }

    /** @param segments of the journal */
    Optional<HistoryStart> find(HistoryPlan.Section section, List<JournalEntry.Segment> segments) {
        List<Completion> stored = table.journal().map(JournalView::completions).orElse(List.of()).stream()
                .filter(one -> isSame(section, one) || isLater(section, one))
                .toList();
        if (stored.isEmpty() || !key.isOneRow() || key.hasStaticColumns()) {
            return Optional.empty();
        }
        try {
            return first(section, segments)
                    .flatMap(record -> stored.stream()
                            .filter(one -> one.firstNumber() <= record.number() && one.lastNumber() >= record.number())
                            .findFirst()
                            .filter(one ->
                                    isSame(section, one) || window.isSure(section.fromMicros(), record.instantMicros()))
                            .flatMap(one -> before(section, record, one)));
        } catch (CorruptException | NotFoundException | CorruptUpdateException | MalformedException e) {
            LOG.warn(
                    "what is stored is not used, the base is table={} problem={}",
                    table.table().name(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private boolean isSame(HistoryPlan.Section section, Completion from) {
        return catalogue.rootOf(from.base()).equals(catalogue.rootOf(section.base()));
    }

    /** Whether its base was not begun before the section's, and surely had every write. */
    private boolean isLater(HistoryPlan.Section section, Completion from) {
        BackupManifest base =
                Optional.ofNullable(table.manifests().get(section.base())).orElseThrow();
        return from.sureSinceMicros()
                .filter(since -> since >= TableEvidence.began(base))
                .isPresent();
    }

    /** @param says whether it has the row itself */
    private record First(long number, long instantMicros, boolean says) {}

    /** The first record of the section that touches the row, if nothing happens to the table as a whole before it. */
    private Optional<First> first(HistoryPlan.Section section, List<JournalEntry.Segment> segments) {
        int version = key.schemaAt(section.fromMicros());
        KeyRecords records = new KeyRecords(
                store,
                table.table().tableId(),
                key.bytes(),
                segments,
                section.fromMicros(),
                section.toMicros(),
                key::definition,
                segment -> {});
        KeyHistory nothing = key.empty(version);
        for (Optional<KeyRecord> next = records.next(); next.isPresent(); next = records.next()) {
            KeyRecord record = next.get();
            if (!isUndisturbed(section, record, version)) {
                return Optional.empty();
            }
            nothing.clear();
            KeyChange change = nothing.apply(record.update());
            boolean says = change.rows().stream().anyMatch(row -> row.said().isPresent());
            if (says
                    || change.partitionDeletion().isPresent()
                    || !change.ranges().isEmpty()) {
                return Optional.of(new First(record.number(), record.instantMicros(), says));
            }
        }
        return Optional.empty();
    }

    private boolean isUndisturbed(HistoryPlan.Section section, KeyRecord record, int version) {
        boolean schemas = record.schema() <= version
                && key.schemas().stream()
                        .noneMatch(one -> one.version() > version && one.sinceMicros() <= record.instantMicros());
        return schemas
                && key.events().stream()
                        .allMatch(event ->
                                (event.afterNumber() < record.number()) == (event.atMicros() < section.fromMicros()));
    }

    private Optional<HistoryStart> before(HistoryPlan.Section section, First record, Completion from) {
        int version = key.schemaAt(section.fromMicros());
        List<byte[]> parts = new ArrayList<>();
        for (Completion.Part object : from.objects()) {
            long token = KeyHistory.rangeOf(key.bytes()).end();
            if (object.firstToken() > token || object.lastToken() < token) {
                continue;
            }
            Optional<BeforeCursor> found =
                    BeforeReader.open(store, object.object()).find(record.number());
            if (found.isPresent() && !add(found.get(), version, parts)) {
                return Optional.empty();
            }
        }
        boolean later = key.schemas().stream()
                .anyMatch(one -> one.version() > version && one.sinceMicros() != SchemaVersion.NEVER);
        if (parts.isEmpty() && (!record.says() || later)) {
            return Optional.empty();
        }
        KeyHistory history = key.empty(version);
        history.begin(parts);
        return record.says() || !history.rows().isEmpty()
                ? Optional.of(new HistoryStart(history, version, section.fromMicros(), section.fromMicros()))
                : Optional.empty();
    }

    /** False when a part is of another version than what is asked for, or there are too many. */
    private boolean add(BeforeCursor cursor, int version, List<byte[]> parts) {
        long bytes = 0;
        while (cursor.next()) {
            bytes += cursor.partLength;
            byte[] own = key.bytes();
            if (!Arrays.equals(own, 0, own.length, cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength)) {
                throw new CorruptException(
                        "record " + cursor.number + " is of another key where it is stored what was before it",
                        "run 'hindsight verify' to see all that is damaged");
            }
            if (cursor.version != version || bytes > MOST_BYTES) {
                return false;
            }
            parts.add(Arrays.copyOfRange(cursor.bytes, cursor.partAt, cursor.partAt + cursor.partLength));
        }
        return true;
    }
}
