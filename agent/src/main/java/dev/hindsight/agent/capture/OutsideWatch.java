package dev.hindsight.agent.capture;

import dev.hindsight.agent.capture.FileChanges.Change;
import dev.hindsight.agent.capture.WatchedTable.Origin;
import dev.hindsight.agent.capture.WatchedTable.Undecided;
import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices data that came into the captured keyspaces' tables past the commit log. Each new SSTable is the node's own when a
 * transaction made it ({@link Transactions}), and other replicas' when the node says so of the stream that brought it; any
 * other came from outside, as what a loader streams does. What came while nobody watched is judged by what it says of itself,
 * and where that leaves it open, it counts as from outside. One thread.
 */
final class OutsideWatch {
    static final String IMPORTED =
            "SSTables came that the node had not written and no stream had brought: nodetool import, or files put there";
    static final String UNWATCHED =
            "SSTables came while no agent watched, and nothing shows that the node, or a repair, had written them";
    static final String UNNAMED = "a stream brought SSTables, and the node did not tell of what kind it was";
    static final String LOADED = "sstableloader brought SSTables";

    /** For a stream's end to be heard of. */
    static final long PATIENCE_MICROS = 15_000_000;
    /** The same, where the node does not answer. */
    static final long UNANSWERED_MICROS = 600_000_000;
    /** An agent that was away for less had an ordinary restart: what went meanwhile explains what the node wrote. */
    static final long RESTART_MICROS = 600_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(OutsideWatch.class);
    /** A flush takes less. */
    private static final long FLUSH_MICROS = 600_000_000;

    private static final long COMPARE_MICROS = 5_000_000;
    private static final long REMEMBER_MICROS = 3_000_000;
    private static final long REMEMBER_IDLE_MICROS = 60_000_000;
    /** More than the time by which files are told of later than they come. */
    private static final long LATE_MICROS = 1_000_000;
    /** Within this time a directory may change again without that its time tells. */
    private static final long GRANULARITY_MICROS = 2_000_000;

    private final UUID hostId;
    private final WallClock clock;
    private final FileChanges changes;
    private final WrittenBy.Statistics statistics;
    private final Map<Path, WatchedTable> tables = new TreeMap<>();
    private final Map<Path, FileTime> times = new HashMap<>();
    private final Map<Path, Set<String>> untold = new HashMap<>();
    private final Set<Path> unwatched = new HashSet<>();
    private final Set<Path> unreadable = new HashSet<>();
    private final HeardStreams heard = new HeardStreams();
    private final Settling settling = new Settling();
    private final boolean ordinary;
    private final LogPosition before;
    /** What is not taken up yet. */
    private final Map<String, KnownFiles.Directory> remembered;

    private Set<String> keyspaces;
    private long lookedMicros;
    private long comparedMicros;
    private long rememberedMicros;
    private boolean changed;
    /** Whether something may be kept of directories that are not looked at any more. */
    private boolean fewer;

    private LogPosition older;
    private LogPosition newer;
    private long newerMicros;

    OutsideWatch(KnownFiles known, UUID hostId, WallClock clock, FileChanges changes, WrittenBy.Statistics statistics) {
        this.hostId = hostId;
        this.statistics = statistics;
        this.clock = clock;
        this.changes = changes;
        this.keyspaces = known.keyspaces();
        this.remembered = new HashMap<>(known.directories());
        this.lookedMicros = known.lookedMicros() == 0 ? clock.micros() : known.lookedMicros();
        this.ordinary = clock.micros() - known.lookedMicros() < RESTART_MICROS;
        this.before = new LogPosition(known.segment(), known.position());
        this.older = before;
        this.newer = before;
    }

    UUID hostId() {
        return hostId;
    }

    /**
     * Looks once; often, as it costs little while nothing changes.
     *
     * @param upTo what of the node's log is readable now
     * @param streams what the node says now of its streams; empty when it was not asked, or did not answer
     * @return what came from outside
     */
    List<CaptureItem.Outside> look(
            List<Path> dataDirectories, Set<String> wanted, LogPosition upTo, Optional<StreamsSeen> streams) {
        long now = clock.micros();
        mark(upTo, now);
        heard.hear(streams, now);
        long from = Math.max(0, lookedMicros - LATE_MICROS);
        boolean compare = now - comparedMicros >= COMPARE_MICROS;
        // Before what was told is taken: what came later than that is not missing there.
        Map<Path, Set<String>> suspects = compare ? compare(now) : Map.of();
        for (Path data : dataDirectories) {
            wanted.forEach(keyspace -> find(data.resolve(keyspace), keyspaces.contains(keyspace), from, now));
        }
        if (!keyspaces.equals(wanted)) {
            changed = true;
            fewer = true;
            times.clear();
            tables.keySet().removeIf(directory -> !wanted.contains(keyspaceOf(directory)));
        }
        forget(wanted);
        takeChanges(from, now);
        if (compare) {
            comparedMicros = now;
            judgeUntold(suspects, from, now);
        }
        loaded(now);
        decide(now);
        List<CaptureItem.Outside> out = settling.look(tables.values(), heard.answered(), now);
        changed |= !out.isEmpty();
        keyspaces = Set.copyOf(wanted);
        lookedMicros = now;
        return out;
    }

    /** Whether the node is worth asking soon; not for the hours that a stream may take. */
    boolean isOpen() {
        return !settling.isEmpty()
                || tables.values().stream()
                        .flatMap(each -> each.undecided().values().stream())
                        .anyMatch(one -> lookedMicros - one.sinceMicros() <= PATIENCE_MICROS);
    }

    private void mark(LogPosition upTo, long now) {
        if (now - newerMicros >= FLUSH_MICROS) {
            older = newer;
            newer = upTo;
            newerMicros = now;
        }
    }

    private static String keyspaceOf(Path table) {
        Path keyspace = table.getParent();
        return keyspace == null ? "" : String.valueOf(keyspace.getFileName());
    }

    /** What of directories is kept is as much as there are tables, however many came and went. */
    private void forget(Set<String> wanted) {
        if (fewer) {
            fewer = false;
            changes.only(tables.keySet());
            unwatched.retainAll(tables.keySet());
            unreadable.removeIf(one -> !wanted.contains(keyspaceOf(one)));
            times.keySet()
                    .removeIf(one ->
                            KeptTables.idOf(String.valueOf(one.getFileName())).isPresent() && !tables.containsKey(one));
        }
    }

    /** Of how many directories something is kept, each counted as often as it is. */
    int kept() {
        return tables.size() + times.size() + unwatched.size() + untold.size() + unreadable.size();
    }

    /** Tables' directories that were not there before. */
    private void find(Path keyspace, boolean watchedBefore, long from, long now) {
        if (!hasChanged(keyspace, now)) {
            return;
        }
        Set<Path> there = new HashSet<>();
        try {
            for (String name : WatchedTable.names(keyspace)) {
                Path directory = keyspace.resolve(name);
                there.add(directory);
                Optional<UUID> table = KeptTables.idOf(name);
                if (table.isPresent() && !tables.containsKey(directory) && Files.isDirectory(directory)) {
                    WatchedTable found = new WatchedTable(directory, table.get(), hostId, statistics);
                    if (!canBegin(found, watchedBefore, from, now)) {
                        // Tried again at the next look.
                        times.remove(keyspace);
                    }
                }
            }
        } catch (IOException e) {
            times.remove(keyspace);
            LOG.debug("directory not looked at directory={} cause={}", keyspace, e.toString());
            return;
        }
        fewer |= unreadable.removeIf(one -> keyspace.equals(one.getParent()) && !there.contains(one));
        boolean gone = tables.keySet().removeIf(one -> keyspace.equals(one.getParent()) && !there.contains(one));
        changed |= gone;
        fewer |= gone;
    }

    /** One that cannot be read keeps no other from being watched. */
    private boolean canBegin(WatchedTable table, boolean watchedBefore, long from, long now) {
        try {
            begin(table, watchedBefore, from, now);
            unreadable.remove(table.directory);
            return true;
        } catch (IOException e) {
            boolean there = Files.exists(table.directory);
            fewer |= !there;
            if (there && unreadable.add(table.directory)) {
                LOG.warn(
                        "directory cannot be read, what comes into it is not noticed until it can directory={} cause={}"
                                + " hint=give the agent's user the rights on it",
                        table.directory,
                        e.toString());
            }
            return false;
        }
    }

    private void begin(WatchedTable table, boolean watchedBefore, long from, long now) throws IOException {
        if (changes.watch(table.directory)) {
            unwatched.remove(table.directory);
        } else {
            unwatched.add(table.directory);
        }
        KnownFiles.Directory known = remembered.get(table.directory.toString());
        if (known != null) {
            table.remembered(known, now);
            table.find(from, now, before, ordinary);
        } else if (watchedBefore) {
            table.find(from, now, before, false);
        } else {
            table.takeAllAsKnown();
        }
        remembered.remove(table.directory.toString());
        tables.put(table.directory, table);
        changed = true;
    }

    /** Whether the directory may have changed since this was asked last. */
    private boolean hasChanged(Path directory, long now) {
        try {
            FileTime time = Files.getLastModifiedTime(directory);
            FileTime last = times.put(directory, time);
            return !time.equals(last) || now - time.toMillis() * 1000 <= GRANULARITY_MICROS;
        } catch (IOException e) {
            times.remove(directory);
            return false;
        }
    }

    private void takeChanges(long from, long now) {
        Map<Path, Optional<List<Change>>> taken = changes.take();
        tables.forEach((directory, table) -> {
            Optional<List<Change>> told = taken.getOrDefault(directory, Optional.of(List.of()));
            try {
                if (told.isEmpty() || unwatched.contains(directory) && hasChanged(directory, now)) {
                    table.find(from, now, older, true);
                } else if (!told.get().isEmpty()) {
                    List<String> outside = table.apply(told.get(), from, now);
                    if (!outside.isEmpty()) {
                        settling.add(table, outside, from, now, IMPORTED);
                    }
                }
            } catch (IOException e) {
                // Dropped meanwhile, or not readable for a moment: what is there is compared later.
                LOG.debug("directory not looked at directory={} cause={}", directory, e.toString());
            }
            changed |= table.takeChanged();
        });
    }

    private Map<Path, Set<String>> compare(long now) {
        Map<Path, Set<String>> out = new HashMap<>();
        tables.forEach((directory, table) -> {
            if (!unwatched.contains(directory) && (untold.containsKey(directory) || hasChanged(directory, now))) {
                try {
                    Set<String> names = table.untold();
                    if (!names.isEmpty()) {
                        out.put(directory, names);
                    }
                } catch (IOException e) {
                    LOG.debug("directory not compared directory={} cause={}", directory, e.toString());
                }
            }
        });
        return out;
    }

    /** Where the operating system keeps changes to itself, as on some file systems, the directories are looked at instead. */
    private void judgeUntold(Map<Path, Set<String>> suspects, long from, long now) {
        suspects.forEach((directory, names) -> {
            WatchedTable table = tables.get(directory);
            Set<String> again = new HashSet<>(names);
            again.retainAll(untold.getOrDefault(directory, Set.of()));
            if (table != null && !again.isEmpty()) {
                LOG.warn("directory looked at, as its changes are not told directory={}", directory);
                unwatched.add(directory);
                try {
                    table.find(Math.max(0, from - 3 * COMPARE_MICROS), now, older, true);
                } catch (IOException e) {
                    LOG.debug("directory not looked at directory={} cause={}", directory, e.toString());
                }
            }
        });
        untold.clear();
        untold.putAll(suspects);
    }

    private void decide(long now) {
        for (WatchedTable table : tables.values()) {
            for (Map.Entry<String, Undecided> one :
                    new ArrayList<>(table.undecided().entrySet())) {
                Undecided state = one.getValue();
                long waited = now - state.sinceMicros();
                boolean overdue = waited > UNANSWERED_MICROS && !heard.mayExplain(table)
                        || waited > PATIENCE_MICROS && heard.answered() && !heard.mayExplain(table);
                if (heard.explain(table, one.getKey(), state)) {
                    table.decided(one.getKey());
                    // Nobody will be told of it again.
                    rememberedMicros = 0;
                } else if (overdue) {
                    table.decided(one.getKey());
                    settling.add(
                            table,
                            List.of(one.getKey()),
                            state.fromMicros(),
                            now,
                            state.looks() == Origin.STREAM ? UNNAMED : UNWATCHED);
                }
            }
            changed |= table.takeChanged();
        }
    }

    private void loaded(long now) {
        for (StreamsSeen.Stream one : heard.takeLoaders()) {
            Set<UUID> ours = new TreeSet<>();
            tables.values().forEach(each -> ours.add(each.table));
            unreadable.forEach(
                    each -> KeptTables.idOf(String.valueOf(each.getFileName())).ifPresent(ours::add));
            ours.retainAll(one.tables());
            String cause = one.operation().equals(StreamsSeen.BULK_LOAD)
                    ? LOADED
                    : "a stream brought SSTables: " + one.operation();
            for (UUID table : ours) {
                long from = began(table, now - one.tookNanos() / 1000 - LATE_MICROS);
                settling.put(new CaptureItem.Outside(table, Math.max(0, from), now, cause));
            }
        }
    }

    /** Not after the first of the SSTables that came. */
    private long began(UUID table, long micros) {
        return tables.values().stream()
                .filter(each -> each.table.equals(table))
                .flatMap(each -> each.undecided().values().stream())
                .filter(one -> one.looks() == Origin.STREAM)
                .mapToLong(Undecided::fromMicros)
                .reduce(micros, Math::min);
    }

    /** What to remember, if that is not what was given last. */
    Optional<KnownFiles> toRemember() {
        long since = lookedMicros - rememberedMicros;
        if (since < (changed ? REMEMBER_MICROS : REMEMBER_IDLE_MICROS)) {
            return Optional.empty();
        }
        changed = false;
        rememberedMicros = lookedMicros;
        Map<String, KnownFiles.Directory> all = new TreeMap<>();
        remembered.forEach((path, directory) -> {
            if (unreadable.contains(Path.of(path))) {
                all.put(path, directory);
            }
        });
        tables.forEach((path, table) -> all.put(path.toString(), table.toRemember()));
        return Optional.of(new KnownFiles(
                KnownFiles.FORMAT,
                hostId.toString(),
                keyspaces,
                lookedMicros,
                older.segmentId(),
                older.position(),
                all));
    }
}
