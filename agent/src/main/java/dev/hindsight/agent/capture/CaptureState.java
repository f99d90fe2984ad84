package dev.hindsight.agent.capture;

import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.codec.commitlog.SegmentPosition;
import dev.hindsight.model.failure.CorruptException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What a capture has to know to go on behind an object as if nothing had happened. Stands behind that object in the spool, so
 * that both are there or none.
 *
 * @param keyspaces the scope in force
 * @param completeMicros everything readable then was read
 * @param aliveMicros the node is known to have lived then
 * @param seenMicros the newest instant that an object told
 * @param newest highest id of a segment that was ever seen; -1 before the first
 * @param lives of the node, by their first segment: the highest one that had a frame
 * @param startTold whether the newest life's start was told
 * @param seal of the object that this stands behind
 */
record CaptureState(
        int format,
        UUID hostId,
        Set<String> keyspaces,
        long completeMicros,
        long aliveMicros,
        long seenMicros,
        long newest,
        List<Life> lives,
        boolean startTold,
        List<Segment> segments,
        String seal) {
    static final int FORMAT = 1;

    CaptureState {
        keyspaces = Set.copyOf(new TreeSet<>(keyspaces));
        lives = List.copyOf(lives);
        segments = List.copyOf(segments);
    }

    /** @param newestContent -1: none had a frame */
    record Life(long first, long newestContent) {}

    /** @param done read to its end, but its file is still there */
    record Segment(long id, Optional<At> at, boolean content, boolean done) {}

    /** {@link SegmentPosition} without the id. */
    record At(int position, long sectionAt, long sectionPosition) {
        static At of(SegmentPosition where) {
            return new At(where.position(), where.sectionAt(), where.sectionPosition());
        }

        SegmentPosition in(long id) {
            return new SegmentPosition(id, position, sectionAt, sectionPosition);
        }
    }

    byte[] toBytes() {
        try {
            return AgentJson.mapper().writeValueAsBytes(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static CaptureState of(byte[] bytes, String name) {
        try {
            CaptureState state = AgentJson.mapper().readValue(bytes, CaptureState.class);
            if (state.format() != FORMAT) {
                throw new IOException("format " + state.format());
            }
            return state;
        } catch (IOException e) {
            throw new CorruptException(
                    "capture state in " + name + " cannot be read: " + e.getMessage(),
                    "a new incarnation of the capture begins by itself",
                    e);
        }
    }
}
