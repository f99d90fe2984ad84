package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What keeps stretches of a journal from being completed: remembered, so that the others are all the same. One thread. */
final class FailedStretches {
    private static final int ATTEMPTS = 3;

    /** By base, of which each stretch has its own. */
    private final Map<String, HindsightException> failed = new LinkedHashMap<>();

    private final Map<String, Integer> moves = new HashMap<>();

    boolean has(CompletionStretch stretch) {
        return failed.containsKey(stretch.base());
    }

    /**
     * Gives what is done with a stretch, or what stands for it when it fails for a reason of the stretch.
     *
     * @param hasMoved whether a merge or a collection may have come in between
     * @throws NotFoundException it did: to be tried again with what the journal says now
     */
    <T> T tried(CompletionStretch stretch, BooleanSupplier hasMoved, T otherwise, Supplier<T> work) {
        try {
            return work.get();
        } catch (NotFoundException e) {
            if (hasMoved.getAsBoolean() && moves.merge(stretch.base(), 1, Integer::sum) <= ATTEMPTS) {
                throw e;
            }
            failed.put(
                    stretch.base(),
                    new CorruptException(
                            "what records since backup " + stretch.base() + " need is missing: " + e.getMessage(),
                            "run 'hindsight verify'; records behind a later backup are completed from that",
                            e));
        } catch (CorruptException | UnsupportedException | CapacityException e) {
            failed.put(stretch.base(), e);
        }
        return otherwise;
    }

    /** Fails as the first one did, if any. */
    void rethrow() {
        first().ifPresent(one -> {
            throw one;
        });
    }

    /** With the others as suppressed ones. */
    Optional<HindsightException> first() {
        HindsightException first = null;
        for (HindsightException one : failed.values()) {
            if (first == null) {
                first = one;
            } else {
                first.addSuppressed(one);
            }
        }
        return Optional.ofNullable(first);
    }
}
