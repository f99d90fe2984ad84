package dev.hindsight.agent.capture;

import dev.hindsight.agent.capture.FileChanges.Change;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.journal.LogPosition;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A table's directory in one data directory: which SSTables it has, and where each that comes is from. One thread. */
final class WatchedTable {
    private static final Pattern FILE = Pattern.compile("([a-z]{2}-[^-]+-[a-z]+)-.+");

    /** Where an SSTable is from. */
    enum Origin {
        /** The node wrote it, of what its log has or of SSTables that it had. */
        NODE,
        /** It came in a stream; of whom, only the node can say. */
        STREAM,
        /** Nobody watched when it came, and it is not one of the node's own beyond doubt. */
        UNKNOWN,
        /** The node found it there, as after an import. */
        OUTSIDE
    }

    /**
     * One whose origin is not decided.
     *
     * @param fromMicros it was not there before
     * @param sinceMicros it is known
     */
    record Undecided(Origin looks, long fromMicros, long sinceMicros) {}

    final Path directory;
    final UUID table;
    private final UUID hostId;
    private final WrittenBy.Statistics statistics;
    private final Transactions transactions;
    private final Set<String> known = new HashSet<>();
    private final Map<String, Undecided> undecided = new TreeMap<>();
    private boolean changed = true;

    WatchedTable(Path directory, UUID table, UUID hostId, WrittenBy.Statistics statistics) {
        this.directory = directory;
        this.table = table;
        this.hostId = hostId;
        this.statistics = statistics;
        this.transactions = new Transactions(directory);
    }

    void remembered(KnownFiles.Directory before, long lookedMicros) {
        known.addAll(before.sstables());
        before.undecided()
                .forEach((name, from) -> undecided.put(name, new Undecided(Origin.UNKNOWN, from, lookedMicros)));
    }

    KnownFiles.Directory toRemember() {
        Map<String, Long> open = new HashMap<>();
        undecided.forEach((name, one) -> open.put(name, one.fromMicros()));
        return new KnownFiles.Directory(known, open);
    }

    /** Whether there is something else to remember since this was asked last. */
    boolean takeChanged() {
        boolean out = changed;
        changed = false;
        return out;
    }

    Map<String, Undecided> undecided() {
        return undecided;
    }

    /** It is decided. */
    void decided(String sstable) {
        undecided.remove(sstable);
        if (hasData(sstable)) {
            known.add(sstable);
        }
        changed = true;
    }

    private boolean hasData(String sstable) {
        return Files.exists(directory.resolve(sstable + "-" + Components.DATA));
    }

    /** Whatever is there, finished or not, counts as the node's from now on. */
    void takeAllAsKnown() throws IOException {
        transactions.list();
        known.addAll(files().keySet());
        changed = true;
    }

    /**
     * All that happened since the last time.
     *
     * @return what came from outside
     */
    List<String> apply(List<Change> changes, long fromMicros, long nowMicros) throws IOException {
        Map<String, Set<String>> came = new LinkedHashMap<>();
        Set<String> went = new HashSet<>();
        for (Change change : changes) {
            if (Transactions.isLog(change.file())) {
                transactions.changed(change);
                continue;
            }
            Matcher file = FILE.matcher(change.file());
            if (!file.matches()) {
                continue;
            }
            String sstable = file.group(1);
            if (!change.file().equals(sstable + "-" + Components.DATA)) {
                continue;
            }
            if (change.made() && !known.contains(sstable) && !undecided.containsKey(sstable)) {
                came.putIfAbsent(sstable, transactions.open());
            } else if (!change.made()) {
                changed |= known.remove(sstable);
                went.add(sstable);
            }
        }
        List<String> outside = new ArrayList<>();
        for (Map.Entry<String, Set<String>> one : came.entrySet()) {
            String sstable = one.getKey();
            Origin origin = origin(sstable, one.getValue());
            if (origin == Origin.STREAM) {
                undecided.put(sstable, new Undecided(origin, fromMicros, nowMicros));
            } else if (!went.contains(sstable)) {
                known.add(sstable);
            }
            if (origin == Origin.OUTSIDE) {
                outside.add(sstable);
            }
            changed = true;
        }
        return outside;
    }

    /** @param during the transactions that were not over when its data came */
    private Origin origin(String sstable, Set<String> during) throws IOException {
        List<String> over = new ArrayList<>();
        for (String log : during) {
            Optional<Set<String>> makes = transactions.makes(log);
            if (makes.isEmpty()) {
                over.add(log);
            } else if (makes.get().contains(sstable)) {
                return Transactions.isStream(log) ? Origin.STREAM : Origin.NODE;
            }
        }
        if (over.isEmpty()) {
            return Origin.OUTSIDE;
        }
        // It came in the same moment in which these ended, and in one of them, but for a rare coincidence.
        boolean own =
                statistics.read(directory, sstable).map(by -> by.isBy(hostId)).orElse(!hasData(sstable));
        if (own && !over.stream().allMatch(Transactions::isStream)) {
            return Origin.NODE;
        }
        return over.stream().anyMatch(Transactions::isStream) ? Origin.STREAM : Origin.OUTSIDE;
    }

    /**
     * As {@link #apply}, when it is not known what happened: by what the SSTables say of themselves. What remains is undecided.
     *
     * @param behind what the node's log has behind this may have been flushed since
     * @param mayHaveRewritten whether SSTables that went since, being the node's own, explain those that came
     */
    void find(long fromMicros, long nowMicros, LogPosition behind, boolean mayHaveRewritten) throws IOException {
        // Twice, as what came between the two may be of one that has begun, or ended, between them.
        Map<String, Origin> made = new HashMap<>(made());
        Map<String, Boolean> files = files();
        made.putAll(made());
        boolean went = known.removeIf(one -> !files.containsKey(one) && !made.containsKey(one));
        changed |= went;
        for (Map.Entry<String, Boolean> one : files.entrySet()) {
            String sstable = one.getKey();
            Origin origin = made.get(sstable);
            Undecided open = undecided.get(sstable);
            if (open != null) {
                recognised(sstable, open, origin, nowMicros);
            }
            if (known.contains(sstable) || open != null) {
                continue;
            }
            if (origin == null) {
                if (!one.getValue()) {
                    // Whole at the next look, or never.
                    continue;
                }
                origin = statistics
                                .read(directory, sstable)
                                .filter(by ->
                                        by.isFlushedBy(hostId, behind) || by.isBy(hostId) && went && mayHaveRewritten)
                                .isPresent()
                        ? Origin.NODE
                        : Origin.UNKNOWN;
            }
            if (origin == Origin.NODE) {
                known.add(sstable);
            } else {
                undecided.put(sstable, new Undecided(origin, fromMicros, nowMicros));
            }
            changed = true;
        }
    }

    /** One that was remembered, but not what it looks like: its transaction may still be there to say so. */
    private void recognised(String sstable, Undecided open, @Nullable Origin made, long nowMicros) {
        if (open.looks() == Origin.UNKNOWN && made == Origin.STREAM) {
            undecided.put(sstable, new Undecided(Origin.STREAM, open.fromMicros(), nowMicros));
            changed = true;
        } else if (open.looks() == Origin.UNKNOWN && made == Origin.NODE) {
            undecided.remove(sstable);
            known.add(sstable);
            changed = true;
        }
    }

    private Map<String, Origin> made() throws IOException {
        transactions.list();
        Map<String, Origin> out = new HashMap<>();
        for (String log : transactions.open()) {
            transactions
                    .makes(log)
                    .ifPresent(all ->
                            all.forEach(one -> out.put(one, Transactions.isStream(log) ? Origin.STREAM : Origin.NODE)));
        }
        return out;
    }

    /** Those of its whole SSTables that nothing was told of. */
    Set<String> untold() throws IOException {
        Set<String> out = new HashSet<>();
        files().forEach((sstable, whole) -> {
            if (whole && !known.contains(sstable) && !undecided.containsKey(sstable)) {
                out.add(sstable);
            }
        });
        return out;
    }

    /** Bytes of what is there of these. */
    long bytes(Set<String> sstables) throws IOException {
        long out = 0;
        for (String name : names(directory)) {
            Matcher parts = FILE.matcher(name);
            if (parts.matches() && sstables.contains(parts.group(1))) {
                try {
                    out += 1 + Files.size(directory.resolve(name));
                } catch (NoSuchFileException e) {
                    continue;
                }
            }
        }
        return out;
    }

    /** Of what is in a directory. */
    static List<String> names(Path directory) throws IOException {
        List<String> out = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(one -> out.add(String.valueOf(one.getFileName())));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return out;
    }

    /** SSTables that have data, and whether they are whole. */
    private Map<String, Boolean> files() throws IOException {
        Map<String, Set<String>> components = new TreeMap<>();
        for (String name : names(directory)) {
            Matcher parts = FILE.matcher(name);
            if (parts.matches()) {
                String sstable = parts.group(1);
                components.computeIfAbsent(sstable, key -> new HashSet<>()).add(name.substring(sstable.length() + 1));
            }
        }
        Map<String, Boolean> out = new TreeMap<>();
        components.forEach((sstable, parts) -> {
            if (parts.contains(Components.DATA)) {
                out.put(sstable, parts.containsAll(Set.of(Components.TOC, Components.STATISTICS)));
            }
        });
        return out;
    }
}
