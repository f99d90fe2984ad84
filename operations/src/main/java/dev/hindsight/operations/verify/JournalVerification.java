package dev.hindsight.operations.verify;

import dev.hindsight.engine.journal.SegmentCheck;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.TableDefinition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Proves the journals of protected tables good, as closely as asked: each log's entries from its last checkpoint on, with their
 * chain of digests, and the segments that hold its records. What is merged away or collected meanwhile is not looked for. One
 * thread.
 */
final class JournalVerification {
    /**
     * @param objects segments that are whole
     * @param bytes of those
     * @param records that were read one by one
     */
    record Found(List<TableName> tables, long objects, long bytes, long records, List<String> problems) {}

    private final Repository repository;
    private final ProgressListener progress;
    private final List<TableName> tables = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private long objects;
    private long bytes;
    private long records;

    JournalVerification(Repository repository, ProgressListener progress) {
        this.repository = repository;
        this.progress = progress;
    }

    Found verify(List<ProtectedTable> all, VerifyRequest request) {
        for (ProtectedTable table : all) {
            JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
            tables.add(table.name());
            Optional<JournalView> view = read(table, log);
            if (view.isPresent()) {
                verify(table, log, view.get(), request);
            }
        }
        return new Found(List.copyOf(tables), objects, bytes, records, List.copyOf(problems));
    }

    private Optional<JournalView> read(ProtectedTable table, JournalLog log) {
        try {
            Optional<JournalView> view = JournalView.find(log);
            if (view.isEmpty()) {
                problems.add("table " + table.name() + " is protected, but has no journal; run 'hindsight protect "
                        + table.name() + "' again");
            }
            return view;
        } catch (HindsightException e) {
            problems.add(
                    "journal of " + table.name() + ": " + e.getMessage() + "; nothing of it can be restored or sealed");
            return Optional.empty();
        }
    }

    private void verify(ProtectedTable table, JournalLog log, JournalView view, VerifyRequest request) {
        List<Segment> wanted = view.segments().stream()
                .filter(segment -> request.rotation()
                        .map(part -> part.covers(segment.object().key()))
                        .orElse(true))
                .toList();
        progress.phase(
                "verify journal of " + table.name(),
                request.level() == VerifyRequest.Level.REFS
                        ? 0
                        : wanted.stream()
                                .mapToLong(segment -> segment.object().sizeBytes())
                                .sum());
        boolean first = true;
        for (Segment segment : wanted) {
            boolean decode = request.level() == VerifyRequest.Level.RECORDS
                    || (request.level() == VerifyRequest.Level.SAMPLE && first);
            first = false;
            try {
                check(table, log, view.newest(), segment, request.level(), decode);
                objects++;
                bytes += segment.object().sizeBytes();
            } catch (HindsightException e) {
                if (isStillThere(log, segment)) {
                    problems.add("journal of " + table.name() + ": " + e.getMessage() + "; changes "
                            + segment.firstNumber() + " to " + segment.lastNumber() + ", from "
                            + instant(segment.firstMicros()) + " to " + instant(segment.lastMicros())
                            + ", are hurt: no instant from the first of them on can be restored until the next base");
                }
            }
            progress.advance(segment.object().sizeBytes());
        }
    }

    private void check(
            ProtectedTable table,
            JournalLog log,
            JournalEntry newest,
            Segment segment,
            VerifyRequest.Level level,
            boolean decode) {
        if (level == VerifyRequest.Level.REFS) {
            OptionalLong size = repository.store().size(segment.object().key());
            if (size.isEmpty() || size.getAsLong() != segment.object().sizeBytes()) {
                throw new CorruptException(
                        "journal segment " + segment.object().key() + " has "
                                + (size.isEmpty() ? "gone" : size.getAsLong() + " bytes") + ", expected "
                                + segment.object().sizeBytes() + " bytes",
                        "put the object back from a copy of the repository if there is one");
            }
            return;
        }
        repository.check(segment.object());
        if (decode) {
            JournalEntry.Definition definition = log.definition(newest, segment.schema());
            records += SegmentCheck.records(
                    repository.store(),
                    segment,
                    table.tableId(),
                    new TableDefinition(table.name(), definition.types(), definition.ddl()));
        }
    }

    /** Another run may have merged or collected it since. */
    private static boolean isStillThere(JournalLog log, Segment segment) {
        try {
            return JournalView.find(log)
                    .map(view -> view.segments().stream()
                            .anyMatch(one -> one.object().equals(segment.object())))
                    .orElse(false);
        } catch (HindsightException e) {
            return true;
        }
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
