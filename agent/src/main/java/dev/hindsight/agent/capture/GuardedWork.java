package dev.hindsight.agent.capture;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is done again and again, whatever it throws: the first of failures in a row is logged, and what they say is told
 * until one succeeds. One thread at a time.
 */
final class GuardedWork implements Runnable {
    /** Of nanoseconds, behind a failure; less than a commit log may be left unwatched. */
    static final long REST_NANOS = 1_000_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(GuardedWork.class);

    private final String what;
    private final Runnable work;
    private final BiConsumer<String, Optional<String>> teller;
    private final LongSupplier nanos;
    private boolean failing;
    private long failedAt;

    /** @param teller told of what fails and why; of no reason when it succeeds again */
    GuardedWork(String what, Runnable work, BiConsumer<String, Optional<String>> teller, LongSupplier nanos) {
        this.what = what;
        this.work = work;
        this.teller = teller;
        this.nanos = nanos;
    }

    @Override
    public void run() {
        if (failing && nanos.getAsLong() - failedAt < REST_NANOS) {
            return;
        }
        try {
            work.run();
            if (failing) {
                failing = false;
                teller.accept(what, Optional.empty());
                LOG.info("capture goes on {}", what);
            }
        } catch (RuntimeException | Error e) {
            // A mistake of ours, or of the machine; without this the executor would never do it again, and say nothing.
            if (!failing) {
                LOG.error("capture failed while {}", what, e);
            }
            failing = true;
            failedAt = nanos.getAsLong();
            teller.accept(what, Optional.of(e.toString()));
        }
    }
}
