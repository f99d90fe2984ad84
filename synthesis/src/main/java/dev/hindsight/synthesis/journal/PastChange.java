package dev.hindsight.synthesis.journal;

import java.util.List;

/**
 * A record of the journal on its way into the past of its partition.
 *
 * @param turns what happened between the partition's record before and this one, in order
 * @param applies whether it counts; else it is there for its turns alone
 */
public record PastChange(Update update, List<Turn> turns, boolean applies) {
    public PastChange {
        turns = List.copyOf(turns);
    }
}
