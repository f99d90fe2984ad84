package dev.hindsight.synthesis.chain;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.ReductionRequest;
import dev.hindsight.synthesis.ReductionResult;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.cursor.Reduction;
import dev.hindsight.synthesis.fingerprint.ComparedRuns;
import dev.hindsight.synthesis.fingerprint.FingerprintReader;
import dev.hindsight.synthesis.fingerprint.FingerprintWriter;
import dev.hindsight.synthesis.fingerprint.LayeredRuns;
import dev.hindsight.synthesis.fingerprint.RunTap;
import dev.hindsight.synthesis.fingerprint.Verdict;
import dev.hindsight.synthesis.fingerprint.Verdicts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Merges what may be new, and leaves of it only what changes the merged state of the layers below. What has expired is kept
 * as it was written.
 *
 * @param merged all changes, before anything was left out
 * @param kept counts, expiry and SSTables of what is to be stored; of nothing fetched
 * @param maxTimestampMicros no write time in what is kept is later; {@code Long.MIN_VALUE} when nothing is kept
 * @param fingerprints a file with those of runs that were compared, when there are any
 * @param comparedBytes read of the layers' SSTables
 * @param redundantPartitions found in the layers, and dropped whole
 * @param redundantRows the same row by row, in partitions of which something was kept
 * @param runs how many runs had changes, by {@link Verdict#ordinal}
 */
public record IncrementMerge(
        SynthesisResult merged,
        Kept kept,
        long maxTimestampMicros,
        Optional<Path> fingerprints,
        long comparedBytes,
        long comparedCpuNanos,
        long redundantPartitions,
        long redundantRows,
        List<Long> runs) {
    /**
     * A merge makes tombstones of cells that have expired, and a tombstone wins over a cell of the same write time that has
     * not: done in the middle of a chain, that would decide what is only decided when all layers come together.
     */
    private static final long NOTHING_EXPIRES = 0;

    /** Where an increment's own files go. */
    public record Files(Path verdicts, Path fingerprints, Path kept) {}

    /**
     * Runs on the calling thread.
     *
     * @param request of one group, whose ranges are the shard's; must keep tombstones and TTLs
     * @param layers all that is below, in any order
     */
    public static IncrementMerge run(
            Synthesiser synthesiser,
            SynthesisRequest request,
            List<LayerBelow> layers,
            Files files,
            Scratch scratch,
            SynthesisProgress progress) {
        Verdicts verdicts = new Verdicts(files.verdicts(), scratch);
        SynthesisResult merged;
        RunTap tap;
        try (verdicts;
                Fingerprints below = Fingerprints.open(layers)) {
            tap = new RunTap(new ComparedRuns(below.runs(), newest(layers), verdicts));
            merged = WholeMerge.tapped(synthesiser, request.withNow(NOTHING_EXPIRES), tap, scratch, progress);
        }
        List<Long> runs = new ArrayList<>();
        for (Verdict verdict : Verdict.values()) {
            runs.add(verdicts.runs(verdict));
        }
        boolean compares = verdicts.runs(Verdict.COMPARE) > 0;
        if (!compares && verdicts.runs(Verdict.KNOWN) == 0) {
            return new IncrementMerge(
                    merged,
                    Kept.of(merged, request.nowEpochSeconds()),
                    tap.maxTimestampMicros(),
                    Optional.empty(),
                    0,
                    0,
                    0,
                    0,
                    runs);
        }
        if (!compares && verdicts.runs(Verdict.NEW) == 0) {
            return new IncrementMerge(
                    merged,
                    Kept.nothing(),
                    Long.MIN_VALUE,
                    Optional.empty(),
                    0,
                    0,
                    verdicts.knownPartitions(),
                    0,
                    runs);
        }
        try (FingerprintWriter fingerprints = new FingerprintWriter(files.fingerprints(), scratch)) {
            ReductionResult reduced = Reduction.run(
                    new ReductionRequest(
                            request.target(),
                            merged.outputs(),
                            open(layers, verdicts, Reduction.isOfCounters(request.target())),
                            verdicts,
                            fingerprints,
                            request.nowEpochSeconds(),
                            files.kept(),
                            request.firstSSTableId(),
                            request.maxSSTableBytes()),
                    scratch,
                    progress);
            return new IncrementMerge(
                    merged,
                    Kept.of(reduced.kept(), request.nowEpochSeconds()),
                    reduced.maxTimestampMicros(),
                    fingerprints.count() > 0 ? Optional.of(fingerprints.file()) : Optional.empty(),
                    reduced.kept().bytesFetched(),
                    reduced.kept().cpuNanosFetch() + reduced.kept().cpuNanosMerge(),
                    verdicts.knownPartitions() + reduced.redundantPartitions(),
                    reduced.redundantRows(),
                    runs);
        }
    }

    private static long newest(List<LayerBelow> layers) {
        return layers.stream().mapToLong(LayerBelow::maxTimestampMicros).max().orElse(Long.MIN_VALUE);
    }

    /**
     * What the changes have to be compared with. A layer that is older throughout than the changes of a run neither has nor
     * hides any of them; and what is redundant beside some layers is so beside all. Not so with counters: what an old
     * deletion takes from a later layer's counter may be what made a change look redundant.
     */
    private static List<InputSSTable> open(List<LayerBelow> layers, Verdicts verdicts, boolean counters) {
        List<InputSSTable> out = new ArrayList<>();
        for (LayerBelow layer : layers) {
            long newest = counters ? Long.MAX_VALUE : layer.maxTimestampMicros();
            TokenRanges wanted = layer.ranges().intersect(verdicts.compared(newest));
            if (!wanted.isEmpty()) {
                out.addAll(layer.open().apply(wanted));
            }
        }
        return out;
    }

    /** The fingerprints of all layers that have any, while they are read. */
    private record Fingerprints(List<FingerprintReader> readers, LayeredRuns runs) implements AutoCloseable {
        static Fingerprints open(List<LayerBelow> layers) {
            List<FingerprintReader> readers = new ArrayList<>();
            List<TokenRanges> ranges = new ArrayList<>();
            try {
                for (boolean whole : new boolean[] {true, false}) {
                    for (LayerBelow layer : layers) {
                        if (layer.whole() == whole && layer.fingerprints().isPresent()) {
                            readers.add(
                                    FingerprintReader.open(layer.fingerprints().get(), layer.name()));
                            ranges.add(layer.ranges());
                        }
                    }
                }
            } catch (RuntimeException e) {
                readers.forEach(FingerprintReader::close);
                throw e;
            }
            return new Fingerprints(readers, new LayeredRuns(readers, ranges));
        }

        @Override
        public void close() {
            readers.forEach(FingerprintReader::close);
        }
    }
}
