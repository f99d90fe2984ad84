package dev.hindsight.synthesis;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.units.ByteSize;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory of one task for temporary files, with a limit that is enforced and not only planned. Safe for use by
 * several threads. Who made the directory removes it.
 */
public final class Scratch {
    private final Path directory;
    private final long limitBytes;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    public Scratch(Path directory, long limitBytes) {
        this.directory = directory;
        this.limitBytes = limitBytes;
    }

    public Path directory() {
        return directory;
    }

    public long limitBytes() {
        return limitBytes;
    }

    public long peakBytes() {
        return peak.get();
    }

    /**
     * To be called before bytes are written.
     *
     * @throws CapacityException when the limit would be passed; nothing is reserved then
     */
    public void reserve(long bytes) {
        long now = used.addAndGet(bytes);
        if (now > limitBytes) {
            used.addAndGet(-bytes);
            throw new CapacityException(
                    "scratch " + directory + ": " + ByteSize.format(now) + " needed but the planned limit is "
                            + ByteSize.format(limitBytes),
                    "raise scratch-limit in the configuration, or lower shard-size so that a shard needs less");
        }
        peak.accumulateAndGet(now, Math::max);
    }

    public void release(long bytes) {
        used.addAndGet(-bytes);
    }
}
