package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.chain.TableDecision;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.repository.document.StoredLayer;
import java.util.List;
import java.util.Optional;

/**
 * How one table of a run is backed up.
 *
 * @param seen what the chain has of it; empty when it is read whole
 * @param cuts the shards to make, cut as the chain is; none when it is read whole, so that it is cut by size
 */
record TableChoice(TableFacts table, TableDecision decision, Optional<SeenTable> seen, List<Cut> cuts) {
    /**
     * @param onto layers below; empty when everything in {@code ranges} is read
     * @param fingerprintBytes of the layers below
     */
    record Cut(TokenRanges ranges, Optional<List<StoredLayer>> onto, long fingerprintBytes) {
        static Cut whole(TokenRanges ranges) {
            return new Cut(ranges, Optional.empty(), 0);
        }
    }

    TableChoice {
        cuts = List.copyOf(cuts);
    }

    static TableChoice whole(TableFacts table, String reason) {
        return new TableChoice(table, TableDecision.whole(reason), Optional.empty(), List.of());
    }

    /** Ranges that are stored as what changed. */
    TokenRanges incrementalRanges() {
        TokenRanges out = TokenRanges.NONE;
        for (Cut cut : cuts) {
            out = cut.onto().isPresent() ? out.union(cut.ranges()) : out;
        }
        return out;
    }
}
