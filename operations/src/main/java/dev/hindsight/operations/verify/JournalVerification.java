package dev.hindsight.operations.verify;

import dev.hindsight.engine.journal.BeforeCheck;
import dev.hindsight.engine.journal.SegmentCheck;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.TableDefinition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Proves the journals of tables good that are or were protected, as closely as asked: that each log's entries are there, those from its last checkpoint
 * on with their chain of digests, those that define the schema, the segments that hold its records, and what is stored of rows before them. What is merged away or collected meanwhile is not looked for. One
 * thread.
 */
final class JournalVerification {
    /**
     * @param objects segments, and those of before-values, that are whole
     * @param bytes of those
     * @param records that were read one by one
     */
    record Found(List<TableName> tables, long objects, long bytes, long records, List<String> problems) {}

    private final Repository repository;

    private final CatalogueView catalogue;

    /** Backups that can be seen, by what they have in common with those that they were rebased from. */
    private final Map<String, String> backups;

    private final ProgressListener progress;
    private final List<TableName> tables = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private long objects;
    private long bytes;
    private long records;

    JournalVerification(Repository repository, CatalogueView catalogue, ProgressListener progress) {
        this.repository = repository;
        this.catalogue = catalogue;
        this.backups = catalogue.backups().stream()
                .map(PublishedBackup::id)
                .collect(Collectors.toMap(catalogue::rootOf, id -> id, (source, rebase) -> rebase));
        this.progress = progress;
    }

    Found verify(List<ProtectedTable> all, VerifyRequest request) {
        for (ProtectedTable table : all) {
            JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
            Optional<JournalView> view = read(table, log);
            if (view.isPresent()) {
                verify(table, log, view.get(), request);
            }
            if (!tables.contains(table.name()) && (view.isPresent() || table.standing())) {
                tables.add(table.name());
            }
        }
        return new Found(List.copyOf(tables), objects, bytes, records, List.copyOf(problems));
    }

    private Optional<JournalView> read(ProtectedTable table, JournalLog log) {
        try {
            log.requireNoHole();
            Optional<JournalView> view = JournalView.find(log);
            if (view.isEmpty() && table.standing()) {
                problems.add("table " + table.name() + " is protected, but has no journal; run 'hindsight protect "
                        + table.name() + "' again");
            }
            view.stream()
                    .flatMap(one -> log.damaged(one.newest()).stream())
                    .forEach(e -> problems.add("journal of " + table.name() + ": " + e.getMessage() + " (" + e.hint()
                            + "); nothing more of it can be sealed, and no instant whose schema it tells be restored"));
            return view;
        } catch (HindsightException e) {
            problems.add("journal of " + table.name() + ": " + e.getMessage() + " (" + e.hint()
                    + "); nothing of it can be restored or sealed");
            return Optional.empty();
        }
    }

    private void verify(ProtectedTable table, JournalLog log, JournalView view, VerifyRequest request) {
        List<Segment> wanted = view.segments().stream()
                .filter(segment -> isWanted(request, segment.object()))
                .toList();
        List<Before> before = view.completions().stream()
                .filter(completion -> canBeStoredAgain(view, completion))
                .flatMap(completion -> completion.objects().stream().map(part -> new Before(completion, part)))
                .filter(one -> isWanted(request, one.part().object()))
                .toList();
        long total = Stream.concat(
                        wanted.stream().map(Segment::object),
                        before.stream().map(one -> one.part().object()))
                .mapToLong(ObjectRef::sizeBytes)
                .sum();
        progress.phase("verify journal of " + table.name(), request.level() == VerifyRequest.Level.REFS ? 0 : total);
        hole(view)
                .ifPresent(
                        hole -> problems.add(
                                "journal of " + table.name() + ": " + hole
                                        + ", though the log's entries are all there: no instant from there on can be restored until the next base"));
        boolean first = true;
        for (Segment segment : wanted) {
            boolean decode = isDecoded(request, first);
            first = false;
            check(segment.object(), request.level(), "journal segment", () -> {
                        if (decode) {
                            records += SegmentCheck.records(
                                    repository.store(),
                                    segment,
                                    table.tableId(),
                                    definition(table, log, view, segment.schema()));
                        }
                    })
                    .filter(problem -> isStillThere(log, segment))
                    .ifPresent(problem -> problems.add("journal of " + table.name() + ": " + problem + "; changes "
                            + segment.firstNumber() + " to " + segment.lastNumber() + ", from "
                            + instant(segment.firstMicros()) + " to " + instant(segment.lastMicros())
                            + ", are hurt: no instant from the first of them on can be restored until the next base"));
        }
        first = true;
        for (Before one : before) {
            boolean decode = isDecoded(request, first);
            first = false;
            check(one.part().object(), request.level(), "before-values", () -> {
                        if (decode) {
                            BeforeCheck.read(
                                    repository.store(),
                                    one.completion(),
                                    one.part(),
                                    table.tableId(),
                                    version -> definition(table, log, view, version));
                        }
                    })
                    .filter(problem -> isStillThere(log, one.completion()))
                    .ifPresent(problem -> problems.add("journal of " + table.name() + ": " + problem
                            + "; what rows were before changes " + hurt(view, one)
                            + " is not taken from there: a history works it out from backup "
                            + base(one.completion()) + " and the journal, with the same result. No restore needs it;"
                            + " 'hindsight complete " + table.name() + " --check' stores it again"));
        }
    }

    /** Of the numbers of the records that are held, which must be dense. */
    private static Optional<String> hole(JournalView view) {
        long last = view.newest().lastNumber();
        long next = view.droppedNumber() + 1;
        long records = 0;
        boolean exact = true;
        for (Segment segment : view.segments()) {
            if (segment.firstNumber() > next) {
                return Optional.of("changes " + next + " to " + (segment.firstNumber() - 1) + " are in no segment");
            }
            next = Math.max(next, segment.lastNumber() + 1);
            records += segment.records();
            exact &= segment.firstNumber() > view.droppedNumber();
        }
        if (next != last + 1) {
            return Optional.of("its segments end with change " + (next - 1) + ", its log with " + last);
        }
        return exact && records != last - view.droppedNumber()
                ? Optional.of(
                        "its segments hold " + records + " changes, its log says " + (last - view.droppedNumber()))
                : Optional.empty();
    }

    /** What cannot goes away by itself; until then a history does without it if it is damaged. */
    private boolean canBeStoredAgain(JournalView view, Completion completion) {
        return completion.firstNumber() > view.droppedNumber()
                && backups.containsKey(catalogue.rootOf(completion.base()));
    }

    /** That tells the same, and can be seen. */
    private String base(Completion completion) {
        return backups.getOrDefault(catalogue.rootOf(completion.base()), completion.base());
    }

    private record Before(Completion completion, Completion.Part part) {}

    private static boolean isWanted(VerifyRequest request, ObjectRef object) {
        return request.rotation().map(part -> part.covers(object.key())).orElse(true);
    }

    private static boolean isDecoded(VerifyRequest request, boolean first) {
        return request.level() == VerifyRequest.Level.RECORDS
                || (request.level() == VerifyRequest.Level.SAMPLE && first);
    }

    private static TableDefinition definition(ProtectedTable table, JournalLog log, JournalView view, int version) {
        JournalEntry.Definition definition = log.definition(view.newest(), version);
        return new TableDefinition(table.name(), definition.types(), definition.ddl());
    }

    private static String hurt(JournalView view, Before one) {
        long first = one.completion().firstNumber();
        long last = one.completion().lastNumber();
        List<Segment> with = view.segments().stream()
                .filter(segment -> segment.firstNumber() <= last && segment.lastNumber() >= first)
                .toList();
        return first + " to " + last
                + with.stream()
                        .map(Segment::firstMicros)
                        .min(Comparator.naturalOrder())
                        .map(micros -> ", not before " + instant(micros))
                        .orElse("")
                + with.stream()
                        .map(Segment::lastMicros)
                        .max(Comparator.naturalOrder())
                        .map(micros -> ", not after " + instant(micros) + ",")
                        .orElse("");
    }

    /** What is wrong with an object, if anything is. */
    private Optional<String> check(ObjectRef object, VerifyRequest.Level level, String what, Runnable content) {
        try {
            if (level == VerifyRequest.Level.REFS) {
                OptionalLong size = repository.store().size(object.key());
                if (size.isEmpty() || size.getAsLong() != object.sizeBytes()) {
                    throw new CorruptException(
                            what + " " + object.key() + " has "
                                    + (size.isEmpty() ? "gone" : size.getAsLong() + " bytes") + ", expected "
                                    + object.sizeBytes() + " bytes",
                            "put the object back from a copy of the repository if there is one");
                }
            } else {
                repository.check(object);
                content.run();
            }
            objects++;
            bytes += object.sizeBytes();
            return Optional.empty();
        } catch (HindsightException e) {
            return Optional.of(e.getMessage() + " (" + e.hint() + ")");
        } finally {
            progress.advance(object.sizeBytes());
        }
    }

    /** Another run may have merged or collected it since. */
    private static boolean isStillThere(JournalLog log, Segment segment) {
        return isStill(
                log,
                view -> view.segments().stream().anyMatch(one -> one.object().equals(segment.object())));
    }

    private boolean isStillThere(JournalLog log, Completion completion) {
        return isStill(log, view -> view.completions().contains(completion) && canBeStoredAgain(view, completion));
    }

    private static boolean isStill(JournalLog log, Predicate<JournalView> there) {
        try {
            return JournalView.find(log).filter(there).isPresent();
        } catch (HindsightException e) {
            return true;
        }
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
