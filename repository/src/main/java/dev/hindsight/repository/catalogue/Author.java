package dev.hindsight.repository.catalogue;

import java.time.Instant;
import java.util.Optional;

/**
 * Who appends to the catalogue.
 *
 * @param epoch from {@link Catalogue#nextEpoch}, asked when the run began
 * @param writer for people: run id, host, process id
 * @param at by the writer's clock, for people
 * @param under number of the claim it holds: the entry is void where that claim was replaced or ended before; empty for
 *     what needs none
 */
public record Author(long epoch, String writer, Instant at, Optional<Long> under) {
    /** Writes without a claim. */
    public Author(long epoch, String writer, Instant at) {
        this(epoch, writer, at, Optional.empty());
    }
}
