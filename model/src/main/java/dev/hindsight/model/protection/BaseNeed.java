package dev.hindsight.model.protection;

import dev.hindsight.model.window.Guarantee;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a protected table needs a new base, and why: the decision behind every backup that the service takes by itself.
 * Pure; whoever acts on it waits longer after each attempt that did not help.
 *
 * @param cause what kind of need
 * @param reason for people: a sentence with the instants it is about
 */
public record BaseNeed(Cause cause, String reason) {
    /** In the order in which they are looked for. */
    public enum Cause {
        /** No backup holds the table, or none that the journal reaches back to. */
        NO_BASE,
        /** What was captured leads no further from the last base: a gap, data from outside, too few replicas. */
        WINDOW_ENDED,
        /** The nodes or their tokens are not those of the last base. */
        RING_CHANGED,
        /**
         * A replica's capture had a gap; all capture again, so that a base taken now holds everything. Not more often than
         * {@link #APART} while acknowledged writes of some level are sure.
         */
        GUARANTEE_WEAK,
        SCHEDULED
    }

    /** How long all agents must have captured before a base is better for it: longer than any write timeout. */
    public static final Duration STEADY = Duration.ofSeconds(30);

    /** An agent that fails now and then shall not have a backup follow each time. */
    public static final Duration APART = Duration.ofMinutes(10);

    /**
     * What is known of one table.
     *
     * @param ended its journal goes no further: the table was dropped. A base would not help; it must be protected again
     * @param sealedUpTo every instant before it is final; empty while nothing was sealed
     * @param lastBase restore point of the newest backup that holds it
     * @param windowEnd the last instant that can be restored
     * @param guarantee there
     * @param capturingSince since when all agents have been seen to capture without a break; empty when one does not
     * @param sameRing whether the ring is still the last base's; true where it is not known
     * @param due when the schedule wants the next one
     */
    public record Facts(
            boolean ended,
            Optional<Instant> sealedUpTo,
            Optional<Instant> lastBase,
            Optional<Instant> windowEnd,
            Guarantee guarantee,
            Optional<Instant> capturingSince,
            boolean sameRing,
            Optional<Instant> due) {}

    /** The most urgent need; empty when all is well, or when a base that is there has only to be sealed. */
    public static Optional<BaseNeed> of(Facts facts, Instant now) {
        if (facts.ended()) {
            return Optional.empty();
        }
        if (facts.lastBase().isEmpty()) {
            return need(Cause.NO_BASE, "no backup holds the table");
        }
        Instant lastBase = facts.lastBase().get();
        boolean sealed = facts.sealedUpTo().map(lastBase::isBefore).orElse(false);
        if (sealed) {
            Instant sealedUpTo = facts.sealedUpTo().get();
            if (facts.windowEnd().isEmpty()) {
                return need(Cause.NO_BASE, "no instant can be restored although it is sealed up to " + sealedUpTo);
            }
            // The watermark is exclusive; a millisecond is far above what clocks of one journal differ by.
            if (facts.windowEnd().get().plusMillis(1).isBefore(sealedUpTo)) {
                return need(
                        Cause.WINDOW_ENDED,
                        "the window ended at " + facts.windowEnd().get() + ", and it is sealed up to " + sealedUpTo);
            }
        }
        if (!facts.sameRing()) {
            return need(Cause.RING_CHANGED, "the ring is not that of the last base of " + lastBase);
        }
        if (sealed && facts.guarantee() != Guarantee.ONE && improvable(facts, lastBase, now)) {
            return need(
                    Cause.GUARANTEE_WEAK,
                    "only writes acknowledged at " + facts.guarantee()
                            + " are sure, and all replicas are captured again since "
                            + facts.capturingSince().get());
        }
        return facts.due()
                .filter(due -> !due.isAfter(now))
                .flatMap(due -> need(Cause.SCHEDULED, "the schedule asks for one since " + due));
    }

    private static boolean improvable(Facts facts, Instant lastBase, Instant now) {
        return facts.capturingSince()
                .filter(since -> !since.plus(STEADY).isAfter(now) && lastBase.isBefore(since))
                .filter(since -> facts.guarantee() == Guarantee.NONE
                        || !lastBase.plus(APART).isAfter(now))
                .isPresent();
    }

    private static Optional<BaseNeed> need(Cause cause, String reason) {
        return Optional.of(new BaseNeed(cause, reason));
    }
}
