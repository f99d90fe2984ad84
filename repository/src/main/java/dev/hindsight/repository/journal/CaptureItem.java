package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What a capture object is made of, in this order as it was seen. All instants are microseconds since 1970, UTC. */
public sealed interface CaptureItem {
    /**
     * The {@link Frame}s that follow, up to the next item of another kind, are of this segment and became readable then.
     *
     * @param segmentVersion Cassandra's: 7 or 8
     */
    record Log(long segmentId, int segmentVersion, Observation observation) implements CaptureItem {}

    /**
     * One serialised mutation, as the node wrote it.
     *
     * @param position where it ends in its segment
     */
    record Frame(int position, byte[] mutation) implements CaptureItem {
        @Override
        public boolean equals(Object other) {
            return other instanceof Frame frame
                    && position == frame.position
                    && Arrays.equals(mutation, frame.mutation);
        }

        @Override
        public int hashCode() {
            return position * 31 + Arrays.hashCode(mutation);
        }

        @Override
        public String toString() {
            return "Frame[position=" + position + ", bytes=" + mutation.length + "]";
        }
    }

    /** Everything that the node had made readable at that instant has been read; in this segment up to that position. */
    record Seen(LogPosition upTo, long micros) implements CaptureItem {}

    /**
     * The segment has no more.
     *
     * @param end where its last frame ends
     * @param clean whether the node itself went on to another segment. Otherwise it died: what it had written and not made
     *     readable is lost
     */
    record Done(LogPosition end, boolean clean) implements CaptureItem {}

    /**
     * Frames that end behind {@code from} and not behind {@code to} may have been there and were not read.
     *
     * @param fromMicros nothing that was committed before is missing; likewise after {@code toMicros}
     * @param cause for people
     */
    record Gap(LogPosition from, LogPosition to, long fromMicros, long toMicros, String cause) implements CaptureItem {}

    /**
     * Data came into a table that are in no commit log, as by {@code nodetool import} or sstableloader, or came in a way that
     * cannot be told from those.
     *
     * @param fromMicros nothing of it was there before; all of it was there at {@code toMicros}
     * @param cause for people
     */
    record Outside(UUID tableId, long fromMicros, long toMicros, String cause) implements CaptureItem {}

    /**
     * The node has started, or was found running when the capture began.
     *
     * @param startedMicros by the node's own word, in whole milliseconds
     * @param firstSegment the first one that this life of the node wrote, as far as known
     */
    record NodeStarted(long startedMicros, long firstSegment, String releaseVersion) implements CaptureItem {}

    /** From here on these keyspaces are captured, beside what is always. */
    record Scope(Set<String> keyspaces) implements CaptureItem {
        public Scope {
            keyspaces = java.util.Collections.unmodifiableSet(new TreeSet<>(keyspaces));
        }
    }
}
