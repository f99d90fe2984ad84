package dev.hindsight.agent.capture;

import dev.hindsight.agent.capture.WatchedTable.Origin;
import dev.hindsight.agent.capture.WatchedTable.Undecided;
import dev.hindsight.agent.node.StreamsSeen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the node has said of its streams, and which SSTables that explains. One thread. */
final class HeardStreams {
    /** How long a stream explains what came with it. */
    private static final long KEPT_MICROS = 600_000_000;

    private record Ended(StreamsSeen.Stream stream, long heardMicros) {}

    private final List<Ended> ended = new ArrayList<>();
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
            running = streams.get().running();
            answeredMicros = nowMicros;
        } else if (nowMicros - answeredMicros > KEPT_MICROS) {
            running = List.of();
        }
        ended.removeIf(one -> one.heardMicros() < nowMicros - KEPT_MICROS);
        List<StreamsSeen.Stream> over = streams.map(StreamsSeen::ended).orElse(List.of());
        over.forEach(one -> ended.add(new Ended(one, nowMicros)));
        over.stream().filter(one -> !one.isOfReplicas()).forEach(loaders::add);
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
        String file = "/" + table.directory.getFileName() + "/" + sstable + "-";
        return ended.stream().anyMatch(one -> names(one.stream(), file) || endedSince(one, table, state))
                || running.stream().anyMatch(one -> one.isOfReplicas() && names(one, file));
    }

    /** Whether one that runs may still tell. */
    boolean mayExplain(WatchedTable table) {
        return running.stream().anyMatch(one -> one.tables().contains(table.table));
    }

    /** The node does not name each file of a stream that it takes row by row. */
    private static boolean endedSince(Ended one, WatchedTable table, Undecided state) {
        return state.looks() == Origin.STREAM
                && one.heardMicros() >= state.fromMicros()
                && one.stream().tables().contains(table.table);
    }

    private static boolean names(StreamsSeen.Stream stream, String file) {
        return stream.files().stream().anyMatch(one -> one.contains(file));
    }
}
