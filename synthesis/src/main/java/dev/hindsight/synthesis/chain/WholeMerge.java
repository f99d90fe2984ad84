package dev.hindsight.synthesis.chain;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.fingerprint.FingerprintWriter;
import dev.hindsight.synthesis.fingerprint.RunTap;
import dev.hindsight.synthesis.fingerprint.WholeRuns;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Merges to all that there is in a shard's ranges, and makes its fingerprints on the way.
 *
 * @param result of the merge
 * @param maxTimestampMicros no write time in it is later; {@code Long.MIN_VALUE} when nothing was written, {@code
 *     Long.MAX_VALUE} when that is not known
 * @param fingerprints their file, unless the synthesiser showed nothing
 */
public record WholeMerge(SynthesisResult result, long maxTimestampMicros, Optional<Path> fingerprints) {
    /**
     * Runs on the calling thread.
     *
     * @param request of one group, whose ranges are the shard's; must keep tombstones and TTLs
     * @param fingerprints the file to write; it takes part in {@code scratch}'s limit
     */
    public static WholeMerge run(
            Synthesiser synthesiser,
            SynthesisRequest request,
            Path fingerprints,
            Scratch scratch,
            SynthesisProgress progress) {
        TokenRanges ranges = ranges(request);
        try (FingerprintWriter writer = new FingerprintWriter(fingerprints, scratch)) {
            RunTap tap = new RunTap(new WholeRuns(ranges, writer));
            SynthesisResult result = tapped(synthesiser, request, tap, scratch, progress);
            return new WholeMerge(
                    result, tap.maxTimestampMicros(), tap.hasEnded() ? Optional.of(fingerprints) : Optional.empty());
        }
    }

    static TokenRanges ranges(SynthesisRequest request) {
        TokenRanges all = TokenRanges.NONE;
        for (OutputGroup group : request.groups()) {
            all = all.union(group.ranges());
        }
        return all;
    }

    /** Merges with a tap, or shows the tap what was written when the synthesiser takes none. */
    static SynthesisResult tapped(
            Synthesiser synthesiser,
            SynthesisRequest request,
            RunTap tap,
            Scratch scratch,
            SynthesisProgress progress) {
        if (synthesiser.taps()) {
            return synthesiser.synthesise(request.withTap(tap), scratch, progress);
        }
        SynthesisResult result = synthesiser.synthesise(request, scratch, progress);
        try (LocalSSTables local = new LocalSSTables()) {
            ContentScan.run(
                    request.target(),
                    local.open(result.outputs(), ranges(request)),
                    request.nowEpochSeconds(),
                    tap,
                    scratch);
        }
        return result;
    }
}
