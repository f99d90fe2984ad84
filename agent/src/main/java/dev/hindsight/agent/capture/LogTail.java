package dev.hindsight.agent.capture;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentPosition;
import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentReader.End;
import dev.hindsight.codec.commitlog.SegmentReader.Tail;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.journal.CaptureItem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Follows a commit log: each {@link #pass} reads, segment by segment, what has become readable since the last one.
 *
 * <p>A segment is at its end when nothing can be added any more: its node is dead, or has gone on to another segment and either
 * deleted this one (a node closes before it deletes) or left it alone for a minute. Only then what stands behind the last marker
 * is judged: a tail that was never synced is passed over, as Cassandra's own replay does, and {@code DONE} is unclean if that
 * was the last segment of a node that died; anything else that cannot be read is a gap.
 *
 * <p>Of a node that died also a segment in which nothing was readable counts, where no other tells its end: writes may have been
 * acknowledged in it. A node that stops in order closes the segment that it has written nothing to with an empty section. Files
 * made ahead cannot be told from that one, but come behind it.
 *
 * <p>Where a segment that may still grow is damaged, nothing behind that can be read while it does, so no pass is complete until
 * it is at its end; then what is behind the damage is a gap.
 *
 * <p>One thread. Failures: {@link dev.hindsight.model.failure.UnsupportedException} (encrypted, unknown version), {@link
 * dev.hindsight.model.failure.NotAppliedException} (disk).
 */
final class LogTail implements AutoCloseable {
    /** What is read between two looks at the clock. */
    private static final int BATCH_BYTES = 1 << 20;

    private static final long QUIET_MICROS = 60_000_000;
    private static final long GONE_QUIET_MICROS = 5_000_000;
    private static final long DAMAGE_PATIENCE_MICROS = 5_000_000;

    private final WallClock clock;
    private final KeptTables tables;
    private final long pinnedLimit;
    private final LogDirectory directory;
    private final NodeLives lives;
    private final Frames frames = new Frames();
    private final String release;
    private long completeMicros;
    private long aliveMicros;
    private boolean startTold;
    private long pinned;
    /** First segment of the life whose unclean end was told last. */
    private long diedFirst = -1;

    /**
     * @param resumed empty: a new incarnation, which reads everything that is there
     * @param release of the node, as far as known
     */
    LogTail(
            Path commitLog,
            RawSegments raw,
            LogLinks links,
            KeptTables tables,
            WallClock clock,
            long pinnedLimit,
            Optional<CaptureState> resumed,
            String release) {
        this.clock = clock;
        this.tables = tables;
        this.pinnedLimit = pinnedLimit;
        this.release = release;
        this.lives = new NodeLives(resumed.map(CaptureState::lives).orElse(List.of()));
        this.directory = new LogDirectory(commitLog, raw, links, lives, resumed);
        this.completeMicros = resumed.map(CaptureState::completeMicros).orElse(0L);
        this.aliveMicros = resumed.map(CaptureState::aliveMicros).orElse(0L);
        this.startTold = resumed.map(CaptureState::startTold).orElse(false);
    }

    /** Everything readable then was read. */
    long completeMicros() {
        return completeMicros;
    }

    /** The node lived then. */
    long aliveMicros() {
        return aliveMicros;
    }

    long pinnedBytes() {
        return pinned;
    }

    int openSegments() {
        return directory.open.size();
    }

    /** Where the newest segment that has frames was read to. */
    LogPosition position() {
        LogPosition out = new LogPosition(Math.max(0, directory.newest), 0);
        for (OpenSegment segment : directory.open.values()) {
            if (segment.content) {
                out = new LogPosition(segment.id, segment.position());
            }
        }
        return out;
    }

    /**
     * A process answered, so its life goes on.
     *
     * @param startMillis of that process; a younger one than the log's says nothing about it
     */
    void answered(long startMillis, long atMicros) {
        if (!lives.isEmpty() && startMillis < lives.first()) {
            aliveMicros = Math.max(aliveMicros, atMicros);
        }
    }

    CaptureState state(CaptureState like) {
        return new CaptureState(
                CaptureState.FORMAT,
                like.hostId(),
                like.keyspaces(),
                completeMicros,
                aliveMicros,
                like.seenMicros(),
                directory.newest,
                lives.remembered(),
                startTold,
                directory.remembered(),
                like.seal());
    }

    /** This state is on disk. */
    void durable(CaptureState stored) {
        directory.durable(stored);
    }

    /** Whether everything that was readable when it began has been read. */
    boolean pass(LogSink sink) {
        long begun = clock.micros();
        directory.look(begun, completeMicros, aliveMicros, sink);
        boolean complete = lives.isEmpty() || readAll(sink, begun);
        letGo(sink);
        lives.forget(directory.open.isEmpty() ? Long.MAX_VALUE : directory.open.firstKey());
        if (complete) {
            completeMicros = begun;
        }
        sink.checkpoint();
        return complete;
    }

    private boolean readAll(LogSink sink, long begun) {
        if (directory.lifeBegan()) {
            startTold = false;
        }
        boolean complete = read(new TreeMap<>(directory.open.headMap(lives.first())), sink, begun);
        if (!startTold) {
            if (!directory.open.headMap(lives.first()).isEmpty()) {
                return false;
            }
            // A life's segments are numbered from the millisecond of its start.
            long started = Math.min((lives.first() - 1) * 1000, begun);
            sink.add(new CaptureItem.NodeStarted(started, lives.first(), release));
            startTold = true;
        }
        return complete & read(new TreeMap<>(directory.open.tailMap(lives.first())), sink, begun);
    }

    private boolean read(Map<Long, OpenSegment> segments, LogSink sink, long begun) {
        boolean complete = true;
        for (OpenSegment segment : segments.values()) {
            complete &= sink.room() && readOn(segment, Tail.MAY_GROW, sink, begun);
        }
        for (OpenSegment segment : segments.values()) {
            if (segment.atEnd && isOver(segment, begun)) {
                complete &= sink.room() && finish(segment, sink, begun);
            }
        }
        return complete;
    }

    private boolean isOver(OpenSegment segment, long begun) {
        if (segment.orphan) {
            return true;
        }
        long quiet = begun - segment.quietSince;
        if (segment.goneMicros > 0) {
            return lives.wentOn(segment.id) || quiet >= GONE_QUIET_MICROS;
        }
        return lives.wentOn(segment.id) && quiet >= QUIET_MICROS;
    }

    /** False where there is more than is taken now, or something cannot be read yet. */
    private boolean readOn(OpenSegment segment, Tail tail, LogSink sink, long begun) {
        segment.atEnd = false;
        try {
            return frames(segment, tail, sink, begun);
        } catch (MalformedException e) {
            if (tail == Tail.FINAL) {
                lost(segment, "damaged: " + e.getMessage(), sink);
                return true;
            }
            torn(segment, String.valueOf(e.getMessage()), begun);
            return false;
        }
    }

    /** Not to be read on now. Markers and what they vouch for may become visible in any order, so this may pass. */
    private void torn(OpenSegment segment, String why, long begun) {
        if (segment.damagedSince == 0) {
            segment.damagedSince = begun;
        }
        segment.damage = why;
        segment.atEnd = true;
        if (!lives.wentOn(segment.id)) {
            // Whether it grows cannot be seen any more, so it may.
            segment.quietSince = begun;
        }
    }

    /** What keeps passes from being complete, where it does not pass, or what they hold from being safe. */
    Optional<String> damage() {
        return directory.open.values().stream()
                .filter(segment -> segment.damagedSince > 0
                        && completeMicros + DAMAGE_PATIENCE_MICROS < clock.micros()
                        && segment.damagedSince + DAMAGE_PATIENCE_MICROS < clock.micros())
                .findFirst()
                .map(segment ->
                        "commit log segment " + segment.id + " is damaged while it is written, so what comes behind"
                                + " that is not captured: " + segment.damage)
                .or(directory::unlinked);
    }

    private boolean frames(OpenSegment segment, Tail tail, LogSink sink, long begun) {
        Optional<SegmentReader> opened = SegmentReader.open(segment.source(), tail);
        if (opened.isEmpty()) {
            if (segment.hasBegun()) {
                throw new MalformedException("segment " + segment.id + " has no header yet, or a damaged one");
            }
            segment.atEnd = true;
            return true;
        }
        try (SegmentReader reader = opened.get()) {
            if (reader.descriptor().id() != segment.id) {
                throw new MalformedException("segment " + segment.id + " says that it is "
                        + reader.descriptor().id());
            }
            SegmentPosition from = segment.where;
            if (from != null) {
                reader.resume(from);
            }
            int version = reader.descriptor().version().number();
            try {
                while (reader.next()) {
                    grown(segment, begun);
                    if (tables.keeps(reader.bytes, reader.at, reader.length)) {
                        frames.add(reader.position(), reader.bytes, reader.at, reader.length);
                    }
                    if (frames.sizeBytes() >= BATCH_BYTES) {
                        give(segment, version, reader, sink);
                        if (!sink.room()) {
                            return false;
                        }
                    }
                }
            } finally {
                // Also before damage: what was read is good.
                give(segment, version, reader, sink);
            }
            segment.atEnd = true;
            segment.marked |= reader.where().sectionAt() > reader.descriptor().bytes();
            if (reader.end() == End.TORN) {
                torn(segment, reader.reason(), begun);
                return false;
            }
            segment.damagedSince = 0;
            return true;
        }
    }

    private void grown(OpenSegment segment, long begun) {
        segment.content = true;
        segment.quietSince = begun;
        lives.content(segment.id);
        if (lives.isCurrent(segment.id)) {
            // It was not there in the pass before, so the node was alive then.
            aliveMicros = Math.max(aliveMicros, completeMicros);
        }
    }

    private void give(OpenSegment segment, int version, SegmentReader reader, LogSink sink) {
        if (frames.count > 0) {
            Observation observed = new Observation(completeMicros, Math.max(completeMicros, clock.micros()));
            sink.frames(segment.id, version, observed, frames);
            frames.clear();
        }
        if (segment.content) {
            segment.where = reader.where();
        }
        sink.checkpoint();
    }

    /** Judges the tail of a segment to which nothing is added any more. */
    private boolean finish(OpenSegment segment, LogSink sink, long begun) {
        if (!readOn(segment, Tail.FINAL, sink, begun)) {
            return false;
        }
        if (directory.open.containsKey(segment.id)) {
            boolean died = segment.orphan && !segment.goneInTime && !lives.wentOn(segment.id);
            if (segment.content || (died && !segment.marked && diedFirst != lives.firstOf(segment.id))) {
                sink.add(new CaptureItem.Done(new LogPosition(segment.id, segment.position()), !died));
                diedFirst = died ? lives.firstOf(segment.id) : diedFirst;
            }
            directory.finished(segment);
        }
        return true;
    }

    private void lost(OpenSegment segment, String cause, LogSink sink) {
        gap(segment, cause, sink);
        directory.finished(segment);
    }

    private void gap(OpenSegment segment, String cause, LogSink sink) {
        sink.add(new CaptureItem.Gap(
                new LogPosition(segment.id, segment.position()),
                new LogPosition(segment.id, LogPosition.END),
                completeMicros,
                clock.micros(),
                cause));
    }

    /** Disk space that the node has given up is held no longer than the limit says, and its writes are not held up. */
    private void letGo(LogSink sink) {
        List<OpenSegment> waiting = new ArrayList<>();
        pinned = 0;
        long unheld = 0;
        for (OpenSegment segment : directory.open.values()) {
            // The node writes to one of the newest two.
            boolean unread = !segment.atEnd && segment.id < directory.newest - 1;
            if (segment.goneMicros > 0 || unread) {
                waiting.add(segment);
                pinned += segment.goneMicros > 0 ? segment.sizeBytes() : 0;
                unheld += directory.fillsRaw(segment) ? segment.sizeBytes() : 0;
            }
        }
        for (OpenSegment segment : waiting) {
            boolean gone = segment.goneMicros > 0;
            boolean fills = directory.fillsRaw(segment);
            String why;
            if (gone && pinned > pinnedLimit) {
                why = "the node deleted it, and more than " + pinnedLimit + " bytes of such segments waited";
            } else if (fills && unheld > RawSegments.MOST_BYTES) {
                why = "it cannot be linked, and more than " + RawSegments.MOST_BYTES
                        + " bytes of such segments waited in the node's cdc_raw_directory";
            } else {
                continue;
            }
            pinned -= gone ? segment.sizeBytes() : 0;
            unheld -= fills ? segment.sizeBytes() : 0;
            gap(segment, why, sink);
            directory.dropped(segment);
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
