package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The files of a commit log: opens each as soon as it is there, and notices what came and went unseen. One thread.
 *
 * <p>Segments of a running node cannot come and go unseen, as their ids have no holes. Of a node that starts anew, it is taken
 * for granted that the first segment of its life is still there {@link #WATCH_MICROS} later: only then it has replayed its old
 * ones, filled that first one and flushed what it holds. Whoever looks less often cannot tell, and declares a gap.
 */
final class LogDirectory implements AutoCloseable {
    static final long WATCH_MICROS = 2_000_000;

    private static final Pattern NAME = Pattern.compile("CommitLog-[0-9]{1,3}-([0-9]{1,18})\\.log");

    /** By id. */
    final TreeMap<Long, OpenSegment> open = new TreeMap<>();
    /** Highest id ever seen; -1 before the first. */
    long newest;

    private final Path directory;
    private final RawSegments raw;
    private final LogLinks links;
    private final NodeLives lives;
    /** Read to their end, with their files still there: whether they had frames. */
    private final Map<Long, Boolean> finished = new HashMap<>();
    /** What an earlier process had not read to the end. */
    private final TreeMap<Long, CaptureState.Segment> remembered = new TreeMap<>();
    /** Given up unread since the newest durable state. */
    private final Set<Long> dropped = new HashSet<>();
    /** What an agent that is killed now goes on from needs: all behind the first, and these. */
    private long durableNewest;

    private Set<Long> durableNeeds;

    private final boolean fresh;
    private boolean firstLook = true;
    private boolean lifeBegan;
    private long lookedMicros;

    LogDirectory(Path directory, RawSegments raw, LogLinks links, NodeLives lives, Optional<CaptureState> resumed) {
        this.directory = directory;
        this.raw = raw;
        this.links = links;
        this.lives = lives;
        this.fresh = resumed.isEmpty();
        this.newest = resumed.map(CaptureState::newest).orElse(-1L);
        this.durableNewest = newest;
        for (CaptureState.Segment segment : resumed.map(CaptureState::segments).orElse(List.of())) {
            if (segment.done()) {
                finished.put(segment.id(), segment.content());
            } else {
                remembered.put(segment.id(), segment);
            }
        }
        this.durableNeeds = Set.copyOf(remembered.keySet());
    }

    /** Whether a life of the node has begun since this was asked last. */
    boolean lifeBegan() {
        boolean out = lifeBegan;
        lifeBegan = false;
        return out;
    }

    List<CaptureState.Segment> remembered() {
        List<CaptureState.Segment> out = new ArrayList<>();
        for (OpenSegment segment : open.values()) {
            out.add(new CaptureState.Segment(
                    segment.id, Optional.ofNullable(segment.where).map(CaptureState.At::of), segment.content, false));
        }
        finished.forEach((id, content) -> out.add(new CaptureState.Segment(id, Optional.empty(), content, true)));
        // Before the first look of this process.
        out.addAll(remembered.values());
        return out;
    }

    void finished(OpenSegment segment) {
        open.remove(segment.id);
        segment.close();
        if (segment.goneMicros == 0) {
            finished.put(segment.id, segment.content);
        }
    }

    /** Read no further: the room that it takes is worth more. Its gap may not be durable yet; without that one there is one too. */
    void dropped(OpenSegment segment) {
        finished(segment);
        links.remove(segment.id);
        dropped.add(segment.id);
    }

    /** Whether the node's own copy of it has to wait until it is read. */
    boolean fillsRaw(OpenSegment segment) {
        return !segment.linked && raw.has(segment.id);
    }

    /** Why what is open would be lost with this process, where the node's own copies of it are in the way. */
    Optional<String> unlinked() {
        boolean any = raw.isUsed() && open.values().stream().anyMatch(segment -> !segment.linked);
        return links.failure()
                .filter(unused -> any)
                .map(why -> "segments cannot be linked into " + why
                        + "; so capture.cdc-raw is only emptied as they are read: put capture.spool on its file system, with room"
                        + " there, and run the agent as the operating system's user of Cassandra");
    }

    void look(long now, long completeMicros, long aliveMicros, LogSink sink) {
        // First, so that what is here and not in the commit log has been deleted there.
        TreeMap<Long, Path> kept = raw.look();
        TreeMap<Long, Path> listed = segmentsIn(directory);
        raw.listed(listed.keySet(), now);
        TreeMap<Long, Path> there = new TreeMap<>(listed);
        if (firstLook && !fresh) {
            addMissing(there, links.all());
        }
        if (!firstLook || !fresh) {
            addMissing(there, kept);
        }
        for (OpenSegment segment : open.values()) {
            if (!segment.linked) {
                link(segment);
            }
        }
        finished.keySet().retainAll(listed.keySet());
        remembered.values().removeIf(segment -> {
            boolean gone = !there.containsKey(segment.id());
            if (gone) {
                int position = segment.at().map(CaptureState.At::position).orElse(0);
                LogPosition from = new LogPosition(segment.id(), position);
                gap(from, end(segment.id()), completeMicros, now, "deleted while no agent ran", sink);
            }
            return gone;
        });
        try {
            there.forEach((id, path) -> {
                if (!open.containsKey(id) && !finished.containsKey(id)) {
                    appeared(id, path, now, completeMicros, aliveMicros, sink);
                }
            });
        } finally {
            // Where only some could be held, what is missing between these and the next look's is a gap.
            firstLook = firstLook && (!fresh || lives.isEmpty());
            raw.release(this::isUnneeded, now);
        }
        firstLook = false;
        lookedMicros = now;
        // Not in a look that failed: that may have been the first one with segments of another life.
        for (OpenSegment segment : open.values()) {
            if (segment.goneMicros == 0 && !listed.containsKey(segment.id)) {
                segment.goneMicros = now;
            }
            if (!segment.orphan && !lives.isCurrent(segment.id)) {
                segment.orphan = true;
                segment.goneInTime = segment.goneMicros > 0 && segment.goneMicros < now;
            }
        }
    }

    /** What was not read yet, and is not in the commit log any more. */
    private void addMissing(TreeMap<Long, Path> there, TreeMap<Long, Path> elsewhere) {
        elsewhere.forEach((id, path) -> {
            if (remembered.containsKey(id) || id > newest) {
                there.putIfAbsent(id, path);
            }
        });
    }

    /** What stands in this state needs to be read no more: it is durable. */
    void durable(CaptureState state) {
        durableNewest = state.newest();
        durableNeeds = state.segments().stream()
                .filter(segment -> !segment.done())
                .map(CaptureState.Segment::id)
                .collect(Collectors.toSet());
        Set<Long> needed = new HashSet<>(open.keySet());
        needed.addAll(remembered.keySet());
        needed.addAll(durableNeeds);
        links.retain(needed);
        dropped.removeIf(id -> id <= durableNewest && !durableNeeds.contains(id));
    }

    /** Whether this agent, and one that goes on when it is killed, can do without the node's own copy. */
    private boolean isUnneeded(long id) {
        return links.holds(id) || dropped.contains(id) || (id <= durableNewest && !durableNeeds.contains(id));
    }

    /** Nothing is noted of one that cannot be held now: it is looked at again, and a gap if it is gone by then. */
    private void appeared(long id, Path path, long now, long completeMicros, long aliveMicros, LogSink sink) {
        Optional<OpenSegment> opened = hold(id, path);
        if (lives.isEmpty()) {
            begin(id);
        } else if (id > newest + 1) {
            jumped(id, now, completeMicros, aliveMicros, sink);
        }
        newest = Math.max(newest, id);
        if (opened.isEmpty()) {
            gap(new LogPosition(id, 0), end(id), completeMicros, now, "deleted before it could be opened", sink);
            return;
        }
        OpenSegment segment = opened.get();
        CaptureState.Segment before = remembered.remove(id);
        if (before != null) {
            segment.where = before.at().map(at -> at.in(id)).orElse(null);
            segment.content = before.content();
        }
        segment.quietSince = now;
        open.put(id, segment);
    }

    /** Empty when it is gone. */
    private Optional<OpenSegment> hold(long id, Path path) {
        Optional<OpenSegment> out = opened(id, path).or(() -> raw.copyOf(path).flatMap(copy -> opened(id, copy)));
        out.ifPresent(this::link);
        return out;
    }

    private void link(OpenSegment segment) {
        segment.linked = links.add(segment.id, segment.path)
                || raw.copyOf(segment.path)
                        .filter(copy -> links.add(segment.id, copy))
                        .isPresent();
    }

    private static Optional<OpenSegment> opened(long id, Path path) {
        try {
            return Optional.of(OpenSegment.open(id, path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new NotAppliedException(
                    "commit log " + path + " cannot be opened: " + e.getMessage(),
                    "run the agent as the operating system's user of Cassandra",
                    e);
        }
    }

    private void jumped(long id, long now, long completeMicros, long aliveMicros, LogSink sink) {
        boolean initial = fresh && firstLook;
        // A life begins behind the millisecond of its start, and that is behind the last sign of the life before.
        boolean newLife = initial || (id - 1) * 1000 >= aliveMicros - 1000;
        boolean watching = !firstLook && now - lookedMicros <= WATCH_MICROS;
        if (!initial && !(newLife && watching)) {
            gap(
                    end(newest),
                    new LogPosition(id, 0),
                    completeMicros,
                    now,
                    newLife ? "the node was started anew while no agent watched" : "segments came and went unseen",
                    sink);
        }
        if (newLife) {
            begin(id);
        }
    }

    private void begin(long id) {
        lives.begin(id);
        lifeBegan = true;
    }

    private static LogPosition end(long id) {
        return new LogPosition(id, LogPosition.END);
    }

    private static void gap(
            LogPosition from, LogPosition to, long fromMicros, long toMicros, String cause, LogSink sink) {
        sink.add(new CaptureItem.Gap(from, to, fromMicros, toMicros, cause));
    }

    /** By id. */
    static TreeMap<Long, Path> segmentsIn(Path directory) {
        TreeMap<Long, Path> out = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "CommitLog-*.log")) {
            for (Path file : files) {
                Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches()) {
                    out.put(Long.parseLong(matcher.group(1)), file);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            throw new NotAppliedException(
                    "commit log " + directory + " cannot be listed: " + e.getMessage(),
                    "run the agent as the operating system's user of Cassandra, or correct capture.commit-log",
                    e);
        }
        return out;
    }

    @Override
    public void close() {
        open.values().forEach(OpenSegment::close);
        open.clear();
    }
}
