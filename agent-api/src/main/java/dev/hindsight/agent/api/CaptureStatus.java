package dev.hindsight.agent.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * How the capture of one node's commit log stands.
 *
 * @param hostId the node's; {@link AgentInfo#NEVER_SEEN} before it was
 * @param wanted keyspaces that are to be captured
 * @param stored the scope in force behind the newest object that is in the repository: what is not in it is not safe yet
 * @param incarnations of that node that the agent still knows, the oldest first; the last one is the current one
 * @param seen everything that was readable then is spooled
 * @param storedSeen everything that was readable then is in the repository
 * @param lagMillis how far {@code storedSeen} is behind now; -1 without one
 * @param pinnedBytes of segments that the node has deleted and that are not read yet
 * @param spoolBytes waiting for the repository
 * @param gaps the last ones that this process declared
 * @param lastError of the last attempt, empty once one succeeds
 */
public record CaptureStatus(
        State state,
        UUID hostId,
        Set<String> wanted,
        Set<String> stored,
        List<Incarnation> incarnations,
        Optional<Instant> seen,
        Optional<Instant> storedSeen,
        long lagMillis,
        int openSegments,
        long pinnedBytes,
        long spoolBytes,
        int spoolObjects,
        List<Gap> gaps,
        Optional<String> lastError) {
    public enum State {
        /** The agent's configuration has no capture. */
        NOT_CONFIGURED,
        /** Nothing is wanted. */
        OFF,
        /** Wanted, but something is in the way: {@code lastError}. Tried again. */
        WAITING,
        RUNNING,
        /** Given up until somebody acts: {@code lastError}. */
        STOPPED
    }

    /**
     * @param name as in the keys of its objects
     * @param next number of the object that comes next
     * @param storedThrough number of the newest one that this process knows to be in the repository; -1 for none
     */
    public record Incarnation(String name, long next, long storedThrough) {}

    /** In the node's commit log; see FORMAT.md, Captures. */
    public record Gap(
            long fromSegment,
            int fromPosition,
            long toSegment,
            int toPosition,
            Instant from,
            Instant to,
            String cause) {}
}
