package dev.hindsight.synthesis.chain;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A stored shard below an incremental one.
 *
 * @param name for messages
 * @param whole holds all there is in its ranges
 * @param ranges what of it counts
 * @param maxTimestampMicros no write time in it is later; {@code Long.MAX_VALUE} when that is not known
 * @param fingerprints its file, here
 * @param open its SSTables that have something in some of its ranges, restricted to these
 */
public record LayerBelow(
        String name,
        boolean whole,
        TokenRanges ranges,
        long maxTimestampMicros,
        Optional<Path> fingerprints,
        Function<TokenRanges, List<InputSSTable>> open) {}
