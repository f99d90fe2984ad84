package dev.hindsight.operations.retention;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.journal.JournalNeeds;
import dev.hindsight.operations.retention.Garbage.Candidate;
import dev.hindsight.operations.retention.Garbage.Why;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.journal.Checkpoints;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What journals do not need any more. Sealers and mergers claim nothing, so the order of each journal's own log decides: the
 * objects were listed, then an entry of upkeep is put (a <em>fence</em>). Whoever had put a segment that was listed and is in
 * no entry would have to publish it at a number that is taken now; a merger that finds the fence throws its segment away. So
 * what was listed and is not in the journal as of the fence never will be. A restore reads the journal after it has claimed;
 * the claims are read after the fence; so what it names is either known here, or is not what goes.
 *
 * <p>A fence also lets go of records that no base needs. For that the journal is read first and the catalogue then: a base,
 * or a protection, that is not known yet came after these records were sealed. The fence has the number behind the entry that
 * this was decided from, or is not put.
 *
 * <p>Entries go behind a floor ({@link JournalLog#raiseFloor}). Of a journal that is damaged, or was written by a newer
 * program, everything stays; the others go on. One thread.
 */
final class JournalGarbage {
    private static final int MOST_LOSSES = 100;
    /** Fewer entries than that are not worth a floor. */
    private static final long WORTH_A_FLOOR = 64;

    private static final Pattern SEGMENT = Pattern.compile("(journal/[^/]+/[^/]+/)(segments|before)/[0-9a-f]{32}");
    private static final Pattern ENTRY = Pattern.compile("(journal/[^/]+/[^/]+/)log/([0-9]{12})\\.json");

    private final Repository repository;
    private final Clock clock;
    private final Map<String, Journal> journals = new TreeMap<>();
    private final Set<String> problems = new LinkedHashSet<>();
    private Optional<Needs> needs = Optional.empty();

    /** One table's; what is listed of it. */
    private static final class Journal {
        private final JournalLog log;
        private final String run;
        private final Set<String> segments = new HashSet<>();
        private final TreeMap<Long, String> entries = new TreeMap<>();
        /** What holds its records, as of the fence. */
        private Optional<Set<String>> live = Optional.empty();

        private final SegmentsAhead ahead;
        private long floor;

        Journal(JournalLog log) {
            this.log = log;
            this.run = "journal " + log.table();
            this.ahead = new SegmentsAhead(log);
        }
    }

    /** What the catalogue says is needed of journals. */
    private record Needs(CatalogueView catalogue, JournalNeeds bases, RestorePins pins) {
        /** Whether a table that may have no base gets one. */
        boolean isProtected(UUID table) {
            return catalogue.protections().stream()
                    .flatMap(entry -> entry.protection().stream())
                    .anyMatch(one -> one.tableId().equals(table));
        }

        boolean isNeeded(JournalLog log) {
            return bases.awaitsBase(log.table()) || bases.hasBase(log.tableId()) || isProtected(log.tableId());
        }
    }

    /** @param keys as listed, before the catalogue was read */
    JournalGarbage(Repository repository, List<String> keys, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        Map<String, List<String>> listed = keys.stream()
                .filter(key -> key.startsWith(Keys.JOURNAL))
                .collect(Collectors.groupingBy(
                        key -> key.substring(0, key.indexOf('/', key.indexOf('/', Keys.JOURNAL.length()) + 1) + 1),
                        TreeMap::new,
                        Collectors.toList()));
        listed.forEach(this::add);
    }

    private void add(String prefix, List<String> keys) {
        try {
            addReadable(prefix, keys);
        } catch (CorruptException | FormatTooNewException | NotFoundException e) {
            problems.add(told(e) + "; all of that journal stays");
        }
    }

    private static String told(RuntimeException e) {
        return e instanceof HindsightException known
                ? known.getMessage() + " (" + known.hint() + ")"
                : String.valueOf(e.getMessage());
    }

    private void addReadable(String prefix, List<String> keys) {
        // Entry 1 is never deleted; what has none is not known to be a journal.
        Optional<JournalEntry> beginning = repository
                .find(prefix + "log/000000000001.json", JournalEntry.class)
                .map(Repository.Found::document);
        if (beginning.isEmpty()
                && keys.stream().anyMatch(key -> ENTRY.matcher(key).matches())) {
            problems.add("object " + prefix + "log/000000000001.json is missing; all of that journal stays");
        }
        beginning
                .filter(first -> Keys.journal(first.table(), first.tableId()).equals(prefix))
                .ifPresent(first -> {
                    Journal journal = new Journal(new JournalLog(repository.store(), first.table(), first.tableId()));
                    for (String key : keys) {
                        Matcher entry = ENTRY.matcher(key);
                        if (entry.matches()) {
                            journal.entries.put(Long.parseLong(entry.group(2)), key);
                        } else if (SEGMENT.matcher(key).matches()) {
                            journal.segments.add(key);
                        }
                    }
                    journals.put(prefix, journal);
                });
    }

    /** As of now. What it is made from costs much to read, and is the same while the catalogue is. */
    private Needs needs() {
        CatalogueView now = repository.catalogue().view().requireWhole();
        Needs known = needs.filter(before ->
                        before.catalogue().entries().size() == now.entries().size())
                .orElseGet(() -> new Needs(
                        now, JournalNeeds.of(repository, now), RestorePins.of(repository, now, clock.instant())));
        needs = Optional.of(known);
        return known;
    }

    private record Drop(long number, long micros) {}

    /**
     * What no base needs: all before the oldest, or everything of a table that has none and gets none; nothing while one may
     * be under way. Only what was listed: the rest is younger than this collection.
     */
    private static Drop drop(Journal journal, JournalView view, Needs needs) {
        UUID table = journal.log.tableId();
        OptionalLong from = needs.bases().fromMicros(table, view);
        long number = view.droppedNumber();
        long micros = view.droppedMicros();
        if (needs.bases().awaitsBase(journal.log.table()) || (from.isEmpty() && needs.isProtected(table))) {
            return new Drop(number, micros);
        }
        long unlisted = view.segments().stream()
                .filter(segment -> !journal.segments.contains(segment.object().key()))
                .mapToLong(Segment::firstNumber)
                .min()
                .orElse(Long.MAX_VALUE);
        for (Segment segment : view.segments()) {
            if (segment.lastNumber() < unlisted && (from.isEmpty() || segment.lastMicros() < from.getAsLong())) {
                number = Math.max(number, segment.lastNumber());
                micros = Math.max(micros, segment.lastMicros());
            }
        }
        return new Drop(number, micros);
    }

    private static Set<String> live(JournalView view, Drop drop) {
        return Stream.concat(
                        view.segments().stream()
                                .filter(segment -> segment.lastNumber() > drop.number())
                                .map(segment -> segment.object().key()),
                        view.completions().stream()
                                .filter(one -> one.lastNumber() > drop.number())
                                .flatMap(one -> one.objects().stream())
                                .map(part -> part.object().key()))
                .collect(Collectors.toSet());
    }

    /** The checkpoint before the newest one: whoever is reading from there goes on undisturbed. */
    private static long floor(JournalView view, JournalLog log) {
        JournalEntry newest = view.newest();
        JournalEntry checkpoint = newest.state().isPresent()
                ? newest
                : newest.checkpoint().map(log::entry).orElse(newest);
        long before = checkpoint.checkpoint().orElse(1L);
        if (before > log.firstEntry() && log.entry(before).state().isEmpty()) {
            throw new CorruptException(
                    "entry " + checkpoint.number() + " of the journal of " + log.table() + " says that entry " + before
                            + " is a checkpoint, which it is not",
                    "run 'hindsight verify' to see all that is damaged; a new base begins a new window");
        }
        return before;
    }

    /** Journals that cannot be read, and so stay as they are. */
    Set<String> problems() {
        return problems;
    }

    private void each(Consumer<Journal> action) {
        for (Journal journal : journals.values()) {
            try {
                action.accept(journal);
            } catch (CorruptException | FormatTooNewException | NotFoundException | IllegalArgumentException e) {
                journal.live = Optional.empty();
                journal.floor = 0;
                problems.add(told(e) + "; all of the journal of " + journal.log.table() + " stays");
            }
        }
    }

    /**
     * Puts fences and floors, so that {@link #of} may say what goes.
     *
     * @param held asked before each: throws once this collection was taken for dead
     */
    void settle(Runnable held) {
        each(journal -> {
            if (fence(journal, held)) {
                raiseFloor(journal, held);
            }
        });
    }

    /** Whether the journal is settled: fenced, or there is nothing to fence. */
    private boolean fence(Journal journal, Runnable held) {
        for (int losses = 0; losses < MOST_LOSSES; losses++) {
            Optional<JournalView> view = JournalView.find(journal.log);
            if (view.isEmpty()) {
                return false;
            }
            journal.log.requireNoHole(journal.entries.values());
            Needs now = needs();
            Drop drop = drop(journal, view.get(), now);
            Set<String> live = live(view.get(), drop);
            List<Candidate> unnamed = unnamed(journal, live, now.pins());
            if (unnamed.isEmpty()) {
                return true;
            }
            if (isAhead(journal, view.get(), unnamed, now)) {
                return false;
            }
            held.run();
            if (publish(journal.log, view.get(), drop)) {
                journal.live = Optional.of(live);
                return true;
            }
        }
        return false;
    }

    /** Whether segments go on where the log ends; then nothing is put where an entry may have been lost. */
    private boolean isAhead(Journal journal, JournalView view, List<Candidate> unnamed, Needs now) {
        journal.ahead.look(
                repository.store(), view, unnamed.stream().map(Candidate::key).toList());
        return now.isNeeded(journal.log) && journal.ahead.any();
    }

    private boolean publish(JournalLog log, JournalView view, Drop drop) {
        JournalEntry entry = view.newest()
                .upkeep(
                        log.digestOf(view.newest().number()),
                        clock.instant(),
                        Writer.describe("collect"),
                        List.of(),
                        new Upkeep(
                                List.of(),
                                drop.number(),
                                Optional.of(drop.micros()).filter(micros -> micros > 0)));
        Failpoints.hit(Failpoint.COLLECT_FENCE);
        return log.append(Checkpoints.always(log, view, entry)) == JournalLog.Outcome.PUBLISHED;
    }

    private void raiseFloor(Journal journal, Runnable held) {
        JournalView view = JournalView.find(journal.log).orElseThrow();
        long floor = floor(view, journal.log);
        if (floor >= journal.log.firstEntry() + WORTH_A_FLOOR) {
            requireReadable(journal, view);
            held.run();
            Failpoints.hit(Failpoint.COLLECT_FLOOR);
            journal.log.raiseFloor(floor, clock.instant(), Writer.describe("collect"));
        }
        journal.floor = journal.log.firstEntry();
    }

    /** What is lost or damaged may have to be put right by what lies before a floor. */
    private static void requireReadable(Journal journal, JournalView view) {
        journal.log.requireNoHole(journal.entries.values());
        journal.log.damaged(view.newest()).stream().findFirst().ifPresent(e -> {
            throw e;
        });
    }

    /** @param catalogue read after {@link #settle} */
    List<Candidate> of(CatalogueView catalogue) {
        RestorePins pins = RestorePins.of(repository, catalogue, clock.instant());
        List<Candidate> out = new ArrayList<>();
        each(journal -> {
            List<Candidate> entries = entries(journal, journal.floor);
            journal.live.ifPresent(live -> out.addAll(unnamed(journal, live, pins)));
            out.addAll(entries);
            if (journal.live.isEmpty()) {
                journal.ahead.problem().ifPresent(problems::add);
            }
        });
        return out;
    }

    /** What {@link #settle} and {@link #of} would come to. */
    List<Candidate> imagined() {
        List<Candidate> out = new ArrayList<>();
        each(journal -> JournalView.find(journal.log).ifPresent(view -> {
            journal.log.requireNoHole(journal.entries.values());
            Needs now = needs();
            long floor = floor(view, journal.log);
            long before = journal.log.firstEntry();
            List<Candidate> entries = entries(journal, floor >= before + WORTH_A_FLOOR ? floor : before);
            List<Candidate> unnamed = unnamed(journal, live(view, drop(journal, view, now)), now.pins());
            if (isAhead(journal, view, unnamed, now)) {
                journal.ahead.problem().ifPresent(problems::add);
                return;
            }
            out.addAll(unnamed);
            out.addAll(entries);
        }));
        return out;
    }

    /** Segments that are listed, and that neither the journal nor a restore names. */
    private static List<Candidate> unnamed(Journal journal, Set<String> live, RestorePins pins) {
        return journal.segments.stream()
                .filter(key -> !live.contains(key) && !pins.pins(key))
                .map(key -> new Candidate(key, journal.run, Why.JOURNAL, 0))
                .toList();
    }

    /** Entries that are listed, and that nobody reads from a floor on. */
    private static List<Candidate> entries(Journal journal, long floor) {
        if (floor <= 1) {
            return List.of();
        }
        Set<Long> stay = journal.log.newest().orElseThrow().schemas().stream()
                .map(SchemaVersion::entry)
                .collect(Collectors.toSet());
        stay.add(1L);
        return journal.entries.headMap(floor).entrySet().stream()
                .filter(entry -> !stay.contains(entry.getKey()))
                .map(entry -> new Candidate(entry.getValue(), journal.run, Why.JOURNAL, 1))
                .toList();
    }
}
