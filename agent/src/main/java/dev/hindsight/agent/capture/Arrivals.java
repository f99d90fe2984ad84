package dev.hindsight.agent.capture;

import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what {@link OutsideWatch} notices over to the capture: what it knows is remembered only when what it said is in the
 * spool. One thread calls {@link #look}, the one that reads the log the others.
 */
final class Arrivals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);
    private static final long ASK_MICROS = 5_000_000;
    private static final long ASK_SOON_MICROS = 1_000_000;

    private final Path file;
    private final GuardedNode node;
    private final WallClock clock;
    private @Nullable OutsideWatch watch;
    private @Nullable FileChanges changes;
    private long askedMicros;
    private boolean over;

    private final List<CaptureItem.Outside> found = new ArrayList<>();
    private Optional<KnownFiles> known = Optional.empty();
    private Optional<LogPosition> readable = Optional.empty();
    /** Number of the object that what was found last is in. */
    private long number = -1;

    Arrivals(Path spool, GuardedNode node, WallClock clock) {
        this.file = spool.resolve("sstables.json");
        this.node = node;
        this.clock = clock;
    }

    void look(Set<String> keyspaces) {
        LogPosition upTo;
        synchronized (this) {
            if (over) {
                over = false;
                watch = null;
            }
            if (readable.isEmpty()) {
                return;
            }
            upTo = readable.get();
        }
        OutsideWatch current = watch(node.requiredHostId());
        List<CaptureItem.Outside> came = current.look(node.dataDirectories(), keyspaces, upTo, streams(current));
        came.forEach(one -> LOG.warn(
                "data came from outside table={} from={} to={} cause={}",
                one.tableId(),
                one.fromMicros(),
                one.toMicros(),
                one.cause()));
        Optional<KnownFiles> toRemember = current.toRemember();
        synchronized (this) {
            if (!over) {
                found.addAll(came);
                known = toRemember.or(() -> known);
            }
        }
    }

    private OutsideWatch watch(UUID hostId) {
        OutsideWatch current = watch;
        if (current != null && current.hostId().equals(hostId)) {
            return current;
        }
        close();
        FileChanges fresh = new ToldChanges();
        changes = fresh;
        OutsideWatch out =
                new OutsideWatch(KnownFiles.read(file, hostId.toString()), hostId, clock, fresh, WrittenBy::read);
        watch = out;
        return out;
    }

    private Optional<StreamsSeen> streams(OutsideWatch current) {
        long now = clock.micros();
        if (now - askedMicros < (current.isOpen() ? ASK_SOON_MICROS : ASK_MICROS)) {
            return Optional.empty();
        }
        askedMicros = now;
        try {
            return Optional.of(node.control().streams());
        } catch (HindsightException e) {
            LOG.debug("node not asked for its streams cause={}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Not while it looks. */
    @Override
    public void close() {
        FileChanges last = changes;
        if (last != null) {
            last.close();
            changes = null;
        }
    }

    /** What was found and is not in the spool has to be found once more, from what is remembered. */
    synchronized void beginAgain() {
        over = true;
        readable = Optional.empty();
        known = Optional.empty();
        found.clear();
        number = -1;
    }

    /** The capture has ended: the next one begins with what is there then. */
    synchronized void end() {
        beginAgain();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("file not deleted file={} cause={}", file, e.toString());
        }
    }

    /** Into the object that the capture is about to write. */
    synchronized void giveTo(CaptureRun run) {
        if (!found.isEmpty()) {
            found.forEach(run::add);
            found.clear();
            number = run.next();
        }
    }

    /** @param upTo what of the log is readable, all of which was read */
    synchronized void remember(CaptureRun run, LogPosition upTo) {
        readable = Optional.of(upTo);
        if (known.isPresent() && found.isEmpty() && (number < 0 || run.isSpooled(number))) {
            known.get().write(file);
            known = Optional.empty();
            number = -1;
        }
    }
}
