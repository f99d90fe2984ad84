package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation: what {@link LogTail} reads becomes numbered objects in the {@link Spool}. {@link #tick} does what there is
 * to do and returns; an object ends when it is as old as the put interval, or large. It is gathered in memory, so that a full
 * disk stops the reading and loses nothing that the nodes' segments still have. One thread.
 */
final class CaptureRun implements LogSink, AutoCloseable {
    /** Of payload; one mutation may make an object larger. */
    private static final long OBJECT_BYTES = 8 << 20;

    private static final long BEAT_MICROS = 10_000_000;
    private static final CaptureState NOTHING = new CaptureState(
            CaptureState.FORMAT,
            new UUID(0, 0),
            Set.of(),
            0,
            0,
            0,
            -1,
            List.of(),
            false,
            List.of(),
            CaptureHeader.NONE);

    /** Told of gaps as they are declared. */
    interface Gaps {
        void declared(CaptureItem.Gap gap);
    }

    /** An object that is being written. */
    private static final class Open {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 << 10);
        final CaptureWriter writer;
        final long sinceElapsed;

        Open(CaptureHeader header, long sinceElapsed) {
            this.sinceElapsed = sinceElapsed;
            try {
                this.writer = new CaptureWriter(bytes, header);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private record Sealed(long number, byte[] object, CaptureState state) {}

    private final Spool spool;
    private final KeptTables tables;
    private final LogTail tail;
    private final WallClock clock;
    private final long putMicros;
    private final long spoolLimit;
    private final Uploads uploads;
    private final Gaps gaps;
    /** What the disk has not taken yet. */
    private final ArrayDeque<Sealed> sealed = new ArrayDeque<>();
    /** As of the newest object. */
    private CaptureState state;

    private long next;
    private Set<String> scope;
    private long beatElapsed = -BEAT_MICROS;
    /** When an object ended with a SEEN last. */
    private long toldElapsed;
    /** Whether an object ended without one since. */
    private boolean untold;

    private @Nullable Open open;

    /**
     * @param uploads of what waits for the repository, all incarnations together
     * @param tail makes the reader of the log, given the state to resume from
     */
    CaptureRun(
            Spool spool,
            KeptTables tables,
            Function<Optional<CaptureState>, LogTail> tail,
            WallClock clock,
            long putMicros,
            long spoolLimit,
            Uploads uploads,
            Gaps gaps) {
        this.spool = spool;
        this.tables = tables;
        this.clock = clock;
        this.putMicros = putMicros;
        this.toldElapsed = -putMicros;
        this.spoolLimit = spoolLimit;
        this.uploads = uploads;
        this.gaps = gaps;
        Optional<Spool.Spooled> newest = spool.newest();
        this.state = newest.map(Spool.Spooled::state).orElse(NOTHING);
        this.next = newest.map(spooled -> spooled.number() + 1).orElse(0L);
        this.scope = state.keyspaces();
        clock.notBefore(Math.max(state.completeMicros(), state.seenMicros()));
        tables.scope(scope);
        this.tail = tail.apply(newest.map(Spool.Spooled::state));
    }

    LogTail tail() {
        return tail;
    }

    Spool spool() {
        return spool;
    }

    long next() {
        return next;
    }

    /** Whether the object of that number is in the spool. */
    boolean isSpooled(long number) {
        return next > number && sealed.isEmpty();
    }

    long seenMicros() {
        return state.seenMicros();
    }

    /** Reads what is new, and ends the object if it is time. */
    void tick(Set<String> wanted) {
        unsealOrHold();
        if (!wanted.equals(scope)) {
            scope = new TreeSet<>(wanted);
            tables.scope(scope);
            add(new CaptureItem.Scope(scope));
        }
        boolean complete = false;
        try {
            complete = tail.pass(this);
        } finally {
            endIfDue(complete);
        }
        unseal();
    }

    private void endIfDue(boolean complete) {
        long now = clock.elapsedMicros();
        Open gathered = open;
        boolean due = gathered != null && now - gathered.sinceElapsed >= putMicros;
        boolean beat = complete && now - beatElapsed >= BEAT_MICROS && seenNow() > state.seenMicros();
        // Where objects end by their size, none gets as old as the put interval.
        boolean overdue = untold && complete && now - toldElapsed >= putMicros && seenNow() > state.seenMicros();
        if (due || beat || overdue) {
            seal(complete);
        }
    }

    private void unsealOrHold() {
        try {
            unseal();
        } catch (HindsightException e) {
            // Without room nothing is read, but segments that come are opened, so that the node may delete them.
            tail.pass(this);
            throw e;
        }
    }

    /** Ends the incarnation: everything gathered, and that nothing is captured any more, is spooled. */
    void end() {
        unsealOrHold();
        tail.pass(this);
        if (!scope.isEmpty()) {
            scope = Set.of();
            add(new CaptureItem.Scope(scope));
        }
        seal(false);
        unseal();
        spool.end();
    }

    private long seenNow() {
        return Math.min(tail.completeMicros(), tail.aliveMicros());
    }

    private void seal(boolean complete) {
        long seen = seenNow();
        long before = state.seenMicros();
        long told = before;
        if (complete && seen > told) {
            add(new CaptureItem.Seen(tail.position(), seen));
            told = seen;
            toldElapsed = clock.elapsedMicros();
        }
        Open gathered = open;
        if (gathered == null) {
            return;
        }
        String seal;
        try {
            seal = gathered.writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CaptureState like = new CaptureState(
                CaptureState.FORMAT, spool.hostId, scope, 0, 0, told, -1, List.of(), false, List.of(), seal);
        state = tail.state(like);
        sealed.add(new Sealed(next, gathered.bytes.toByteArray(), state));
        untold = told == before;
        next++;
        open = null;
        beatElapsed = clock.elapsedMicros();
    }

    private void unseal() {
        for (Sealed waiting = sealed.peek(); waiting != null; waiting = sealed.peek()) {
            uploads.spooled(spool.write(waiting.number(), waiting.object(), waiting.state()));
            sealed.remove();
            tail.durable(waiting.state());
        }
    }

    private Open gathering() {
        Open gathered = open;
        if (gathered == null) {
            gathered = new Open(
                    new CaptureHeader(spool.hostId, spool.incarnation, next, state.seal()), clock.elapsedMicros());
            open = gathered;
        }
        return gathered;
    }

    @Override
    public boolean room() {
        return sealed.isEmpty() && uploads.waitingBytes() < spoolLimit;
    }

    @Override
    public void add(CaptureItem item) {
        if (item instanceof CaptureItem.Gap gap) {
            gaps.declared(gap);
        }
        try {
            gathering().writer.add(item);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void frames(long segmentId, int segmentVersion, Observation observation, Frames frames) {
        CaptureWriter writer = gathering().writer;
        try {
            writer.add(new CaptureItem.Log(segmentId, segmentVersion, observation));
            for (int i = 0; i < frames.count; i++) {
                int start = frames.offsets[i];
                writer.frame(frames.positions[i], frames.bytes, start, frames.offsets[i + 1] - start);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void checkpoint() {
        Open gathered = open;
        if (gathered != null && gathered.writer.payloadBytes() >= OBJECT_BYTES) {
            seal(false);
            try {
                unseal();
            } catch (HindsightException e) {
                // Tried again with the next tick, which says so; until then there is no room.
                return;
            }
        }
    }

    @Override
    public void close() {
        tail.close();
    }
}
