package dev.hindsight.agent.capture;

import dev.hindsight.agent.capture.WatchedTable.Origin;
import dev.hindsight.agent.capture.WatchedTable.Undecided;
import dev.hindsight.agent.node.StreamsSeen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the node has said of its streams, and which SSTables that explains. One thread. */
final class HeardStreams {
    /** How long a stream explains what came with it. */
    private static final long KEPT_MICROS = 600_000_000;

    /** By its directory's name and its own, whatever component of it the file is. */
    private static final Pattern SSTABLE = Pattern.compile(".*/([^/]+/[a-z]{2}-[^-/]+-[a-z]+)-[^/]+");

    private record Ended(StreamsSeen.Stream stream, long heardMicros) {}

    private final List<Ended> ended = new ArrayList<>();
    /** What those brought, named as {@link #SSTABLE} says. */
    private final Set<String> brought = new HashSet<>();
    /** When one of a table was heard to have ended last. */
    private final Map<UUID, Long> endedOf = new HashMap<>();

    /** What those of replicas that run have brought. */
    private final Set<String> coming = new HashSet<>();

    private Optional<StreamsSeen> now = Optional.empty();
    /** As the node answered last. */
    private List<StreamsSeen.Stream> running = List.of();

    private long answeredMicros;
    /** Those of loaders that are not taken yet. */
    private final List<StreamsSeen.Stream> loaders = new ArrayList<>();

    /** @param streams empty when the node was not asked, or did not answer */
    void hear(Optional<StreamsSeen> streams, long nowMicros) {
        now = streams;
        if (streams.isPresent()) {
            runs(streams.get().running());
            answeredMicros = nowMicros;
        } else if (nowMicros - answeredMicros > KEPT_MICROS) {
            runs(List.of());
        }
        if (ended.removeIf(one -> one.heardMicros() < nowMicros - KEPT_MICROS)) {
            brought.clear();
            endedOf.clear();
            ended.forEach(this::index);
        }
        List<StreamsSeen.Stream> over = streams.map(StreamsSeen::ended).orElse(List.of());
        over.forEach(one -> {
            Ended next = new Ended(one, nowMicros);
            ended.add(next);
            index(next);
        });
        over.stream().filter(one -> !one.isOfReplicas()).forEach(loaders::add);
    }

    private void runs(List<StreamsSeen.Stream> streams) {
        running = streams;
        coming.clear();
        streams.stream().filter(StreamsSeen.Stream::isOfReplicas).forEach(one -> add(one, coming));
    }

    private void index(Ended one) {
        add(one.stream(), brought);
        one.stream().tables().forEach(table -> endedOf.merge(table, one.heardMicros(), Math::max));
    }

    private static void add(StreamsSeen.Stream stream, Set<String> to) {
        for (String file : stream.files()) {
            Matcher matcher = SSTABLE.matcher(file);
            if (matcher.matches()) {
                to.add(matcher.group(1));
            }
        }
    }

    /** Whether the node answered just now. */
    boolean answered() {
        return now.isPresent();
    }

    /** Those that ended since this was asked last whose data no log has had: the node tells of each once. */
    List<StreamsSeen.Stream> takeLoaders() {
        List<StreamsSeen.Stream> out = List.copyOf(loaders);
        loaders.clear();
        return out;
    }

    /** Whether one brought it: one of other replicas, or of a loader, which is told of by itself. */
    boolean explain(WatchedTable table, String sstable, Undecided state) {
        String name = table.directory.getFileName() + "/" + sstable;
        return brought.contains(name) || coming.contains(name) || endedSince(table, state);
    }

    /** Whether one that runs may still tell. */
    boolean mayExplain(WatchedTable table) {
        return running.stream().anyMatch(one -> one.tables().contains(table.table));
    }

    /** The node does not name each file of a stream that it takes row by row. */
    private boolean endedSince(WatchedTable table, Undecided state) {
        Long last = endedOf.get(table.table);
        return state.looks() == Origin.STREAM && last != null && last >= state.fromMicros();
    }
}
