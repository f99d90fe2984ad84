package dev.hindsight.model.sizing;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.units.ByteSize;
import java.util.OptionalInt;

/**
 * Number of workers from the work and the limits.
 *
 * @param inputBytes to be read in all
 * @param tasks shards; more workers than shards are of no use
 * @param scratchBytesPerTask what one task may use at once
 * @param scratchLimitBytes of all workers together
 * @param cores of this machine
 * @param agentStreams how many streams all agents together allow
 * @param streamsPerWorker how many a worker opens at once
 * @param bytesPerSecondPerWorker measured in the last run, or a stated default
 * @param wanted set by the operator; still capped by scratch and streams
 */
public record WorkerSizing(
        long inputBytes,
        int tasks,
        long scratchBytesPerTask,
        long scratchLimitBytes,
        int cores,
        int agentStreams,
        int streamsPerWorker,
        double bytesPerSecondPerWorker,
        OptionalInt wanted) {
    /** Below this many seconds of work, another worker's start costs more than it brings. */
    public static final int SECONDS_WORTH_A_WORKER = 10;

    /** @param reason the limit that decided, for people */
    public record Decision(int workers, String reason, double estimatedSeconds) {}

    /**
     * @throws CapacityException when not even one task's scratch fits the limit
     */
    public Decision decide() {
        long byScratch = scratchLimitBytes / Math.max(1, scratchBytesPerTask);
        if (byScratch < 1) {
            throw new CapacityException(
                    "one shard needs up to " + ByteSize.format(scratchBytesPerTask) + " of scratch but the limit is "
                            + ByteSize.format(scratchLimitBytes),
                    "raise backup.scratch-limit or lower backup.shard-size");
        }
        double seconds = inputBytes / Math.max(1.0, bytesPerSecondPerWorker);
        long byWork = Math.max(1, (long) Math.ceil(seconds / SECONDS_WORTH_A_WORKER));
        long byStreams = Math.max(1, agentStreams / Math.max(1, streamsPerWorker));
        long workers = wanted.isPresent() ? wanted.getAsInt() : byWork;
        String reason = wanted.isPresent() ? "configured" : "bytes and measured rate";
        long[] caps = {wanted.isPresent() ? Long.MAX_VALUE : cores, Math.max(1, tasks), byScratch, byStreams};
        String[] names = {"cores", "shards", "scratch limit", "agents' streams"};
        for (int i = 0; i < caps.length; i++) {
            if (caps[i] < workers) {
                workers = caps[i];
                reason = names[i];
            }
        }
        int count = (int) Math.max(1, workers);
        return new Decision(count, reason, seconds / count);
    }
}
