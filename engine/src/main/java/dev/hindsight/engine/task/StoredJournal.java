package dev.hindsight.engine.task;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.digest.VerifyingInputStream;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.MergedUpdates;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What a table's journal adds in some token ranges, as SSTables in scratch. Reads of the segments only the ranges, and of
 * those at most so many at a time that their buffers take 8 MiB. One thread.
 */
final class StoredJournal {
    /** Each takes 256 KiB, and its largest record. */
    private static final int SEGMENTS_AT_A_TIME = 32;

    private static final long HOUR_MICROS = 3_600_000_000L;

    private final ObjectStore store;
    private final RestorePlan.Table table;
    private final RestorePlan.Journal journal;
    private final Fetches fetches;
    private final List<TableDefinition> schemas = new ArrayList<>();

    StoredJournal(ObjectStore store, RestorePlan.Table table, RestorePlan.Journal journal, Fetches fetches) {
        this.store = store;
        this.table = table;
        this.journal = journal;
        this.fetches = fetches;
        journal.schemas()
                .forEach(schema -> schemas.add(new TableDefinition(table.source(), schema.types(), schema.ddl())));
    }

    /** The table at the instant, under its own name: all that is merged is understood by it. */
    TableDefinition definition() {
        return definition(journal.schema());
    }

    private TableDefinition definition(int which) {
        if (which < 0 || which >= schemas.size()) {
            throw Plans.lacks("the journal of table " + table.source(), "schema " + which);
        }
        return schemas.get(which);
    }

    /**
     * Writes the records of the ranges, if there are any.
     *
     * @param directory below scratch, for this alone; stays when this returns
     * @throws CorruptException a segment is damaged, or a record is none of its table
     * @throws dev.hindsight.model.failure.NotFoundException a segment is missing
     */
    List<OutputSSTable> replay(TokenRanges ranges, Path directory, Scratch scratch) {
        List<JournalSegmentReader> readers = new ArrayList<>();
        List<TableDefinition> definitions = new ArrayList<>();
        long about = Long.MAX_VALUE;
        for (RestorePlan.Segment segment : journal.segments()) {
            if (overlaps(segment, ranges)) {
                if (isWhole(segment, ranges)) {
                    requireDigest(segment);
                }
                JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
                if (!reader.tableId().equals(table.sourceId())) {
                    throw new CorruptException(
                            "journal segment " + segment.object().key() + " is of table id " + reader.tableId()
                                    + ", not " + table.sourceId(),
                            "run 'hindsight verify' to see all that is damaged");
                }
                readers.add(reader);
                definitions.add(definition(segment.schema()));
                about = Math.min(about, reader.firstInstantMicros() - HOUR_MICROS);
            }
        }
        if (readers.isEmpty()) {
            return List.of();
        }
        List<RestorePlan.Segment> read = journal.segments().stream()
                .filter(segment -> overlaps(segment, ranges))
                .toList();
        try (JournalReplay replay =
                new JournalReplay(definition(), ranges, about, directory, JournalReplay.Limits.STANDARD, scratch)) {
            for (int from = 0; from < readers.size(); from += SEGMENTS_AT_A_TIME) {
                List<Iterator<Update>> together = new ArrayList<>();
                for (int i = from; i < Math.min(readers.size(), from + SEGMENTS_AT_A_TIME); i++) {
                    together.add(new Updates(read.get(i).object().key(), readers.get(i), definitions.get(i), ranges));
                }
                replay.add(new MergedUpdates(together));
            }
            return replay.finish();
        }
    }

    /** Whether all of it is read here, so that it can be told from another object that is as well-formed. */
    private boolean isWhole(RestorePlan.Segment segment, TokenRanges ranges) {
        return ranges.ranges().stream()
                .anyMatch(range -> range.start() < segment.firstToken() && segment.lastToken() <= range.end());
    }

    /** Frames have checksums; that it is this very object only its digest tells. */
    private void requireDigest(RestorePlan.Segment segment) {
        ObjectRef object = segment.object();
        try (InputStream in = new VerifyingInputStream(
                store.get(object.key()), "journal segment " + object.key(), object.sizeBytes(), object.digest())) {
            byte[] part = new byte[1 << 16];
            while (in.read(part) >= 0) {
                // To its end, where it is checked.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean overlaps(RestorePlan.Segment segment, TokenRanges ranges) {
        return segment.firstNumber() <= journal.lastNumber()
                && segment.lastNumber() >= journal.firstNumber()
                && ranges.ranges().stream()
                        .anyMatch(range -> segment.firstToken() <= range.end() && segment.lastToken() > range.start());
    }

    /** The records of one segment that count, in its order; each is good until the next is asked for. */
    private final class Updates implements Iterator<Update> {
        private final String segment;
        private final JournalSegmentReader reader;
        private final TableDefinition definition;
        private final Iterator<TokenRange> ranges;
        private final Map<Integer, UpdateCoding> codings = new HashMap<>();
        private RecordCursor cursor;
        private boolean atHand;

        Updates(String segment, JournalSegmentReader reader, TableDefinition definition, TokenRanges ranges) {
            this.segment = segment;
            this.reader = reader;
            this.definition = definition;
            this.ranges = ranges.iterator();
            this.cursor = cursor(this.ranges.next());
        }

        private RecordCursor cursor(TokenRange range) {
            return reader.cursor(range, journal.firstNumber(), journal.lastNumber());
        }

        @Override
        public boolean hasNext() {
            while (!atHand) {
                atHand = cursor.next();
                if (!atHand) {
                    if (!ranges.hasNext()) {
                        return false;
                    }
                    cursor = cursor(ranges.next());
                }
            }
            return true;
        }

        @Override
        public Update next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            atHand = false;
            fetches.read(cursor.updateLength);
            Update update;
            try {
                update = Update.of(
                        cursor.number,
                        codings.computeIfAbsent(cursor.logVersion, this::coding),
                        cursor.bytes,
                        cursor.updateAt,
                        cursor.updateLength);
            } catch (MalformedException e) {
                throw new CorruptException(
                        "journal segment " + segment + ", record " + cursor.number + ": " + e.getMessage(),
                        "run 'hindsight verify' to see all that is damaged",
                        e);
            }
            if (update.token != cursor.token) {
                throw new CorruptException(
                        "journal segment " + segment + ", record " + cursor.number + " says that it has token "
                                + cursor.token + ", but its key has " + update.token,
                        "run 'hindsight verify' to see all that is damaged");
            }
            return update;
        }

        private UpdateCoding coding(int logVersion) {
            return UpdateCoding.of(segment, SegmentVersion.of(logVersion, segment), table.sourceId(), definition);
        }
    }
}
