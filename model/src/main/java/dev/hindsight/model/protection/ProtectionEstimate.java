package dev.hindsight.model.protection;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What continuous protection costs the object store in a month of 30 days: objects made, requests, bytes. An estimate, told
 * with what it was made from. Base backups are not in it: their plans say what they store.
 *
 * @param captures objects that agents put
 * @param captureBytes in them
 * @param sealed objects of the journals: entries and segments
 * @param sealedBytes in them
 * @param requests of agents and of one service that seals
 * @param assumptions sentences for people
 */
public record ProtectionEstimate(
        long captures, long captureBytes, long sealed, long sealedBytes, long requests, List<String> assumptions) {
    public static final Duration MONTH = Duration.ofDays(30);

    /** An idle node tells that it is idle this often. */
    public static final Duration BEAT = Duration.ofSeconds(10);

    /** An entry of a journal names segments and what was read; about this much. */
    private static final double ENTRY_BYTES = 1500;

    /** Each round asks for the journal's next entry and its floor, before an entry and behind it. */
    private static final int ROUND_REQUESTS = 5;

    /** What one agent was seen to put, or is assumed to. */
    public record Agent(double objectsPerSecond, double bytesPerSecond, boolean measured) {
        /** Of a node whose log is written all the time. */
        public static Agent assumed(Duration putInterval, double bytesPerSecond) {
            return new Agent(1 / seconds(putInterval), bytesPerSecond, false);
        }
    }

    /**
     * @param agents one for each node
     * @param tables protected ones
     * @param busy of them, those that are written to all the time
     * @param replicas copies of each change: the replication factor
     * @param sealInterval how often a busy table is sealed
     * @param idleInterval how often one without changes is
     */
    public static ProtectionEstimate of(
            List<Agent> agents, int tables, int busy, int replicas, Duration sealInterval, Duration idleInterval) {
        double month = seconds(MONTH);
        double captures = agents.stream().mapToDouble(Agent::objectsPerSecond).sum() * month;
        double captureBytes = agents.stream().mapToDouble(Agent::bytesPerSecond).sum() * month;
        // An entry and, where something was written, a segment; never more often than captures come.
        double newest =
                agents.stream().mapToDouble(Agent::objectsPerSecond).max().orElse(0);
        double busyRounds = Math.min(1 / seconds(sealInterval), newest) * month;
        double idleRounds = Math.min(1 / seconds(idleInterval), newest) * month;
        double sealed = busy * busyRounds * 2 + Math.max(0, tables - busy) * idleRounds;
        double rounds = busy * busyRounds + Math.max(0, tables - busy) * idleRounds;
        double sealedBytes = captureBytes / Math.max(1, replicas) + rounds * ENTRY_BYTES;
        // Each capture is put once, and read once for all tables; each round asks twice for the next object of each
        // node.
        double reads = captures + rounds * (2 * agents.size() + ROUND_REQUESTS);
        return new ProtectionEstimate(
                Math.round(captures),
                Math.round(captureBytes),
                Math.round(sealed),
                Math.round(sealedBytes),
                Math.round(captures + sealed + reads),
                List.of(
                        source(agents) + rates(agents),
                        tables + " protected tables, " + busy + " of them written to all the time; replication factor "
                                + replicas,
                        "sealed every " + text(sealInterval) + ", an idle table every " + text(idleInterval),
                        "months of 30 days; base backups not counted"));
    }

    private static String source(List<Agent> agents) {
        long measured = agents.stream().filter(Agent::measured).count();
        if (measured == 0) {
            return "assumed, since no agent captures yet: ";
        }
        return measured == agents.size()
                ? "as the agents' newest captures show: "
                : measured + " of " + agents.size() + " agents measured, the others assumed: ";
    }

    private static String rates(List<Agent> agents) {
        return String.format(
                Locale.ROOT,
                "%.2f objects/s and %.0f bytes/s over %d agents",
                agents.stream().mapToDouble(Agent::objectsPerSecond).sum(),
                agents.stream().mapToDouble(Agent::bytesPerSecond).sum(),
                agents.size());
    }

    private static double seconds(Duration duration) {
        return Math.max(1, duration.toMillis()) / 1000.0;
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
