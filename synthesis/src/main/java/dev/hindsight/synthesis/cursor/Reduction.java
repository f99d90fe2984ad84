package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.write.CompressionOptions;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.ReductionRequest;
import dev.hindsight.synthesis.ReductionResult;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.fetch.FetchMeter;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.fingerprint.MergedRuns;
import dev.hindsight.synthesis.fingerprint.RunHasher;
import dev.hindsight.synthesis.fingerprint.Verdicts;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.MergeCounts;
import dev.hindsight.synthesis.merge.PartitionReduction;
import java.util.ArrayList;
import java.util.List;

/** Writes of merged changes what the layers below do not hold. Own code, whoever merged the changes. One thread, one use. */
public final class Reduction {
    private static final String KEPT = "kept";

    private final ReductionRequest request;
    private final TableSchema table;
    private final Scratch scratch;
    private final SynthesisProgress progress;

    private Reduction(ReductionRequest request, Scratch scratch, SynthesisProgress progress) {
        this.request = request;
        this.table = CursorSynthesiser.schema(request.table());
        this.scratch = scratch;
        this.progress = progress;
    }

    /** Whether the table's cells are counters, which add up where other cells replace each other. */
    public static boolean isOfCounters(TableDefinition table) {
        return CursorSynthesiser.schema(table).counter();
    }

    /**
     * Runs on the calling thread; what is fetched is removed from scratch before this returns or throws.
     *
     * @throws CorruptInputException a layer is damaged; names it
     * @throws dev.hindsight.model.failure.CapacityException scratch is exceeded
     */
    public static ReductionResult run(ReductionRequest request, Scratch scratch, SynthesisProgress progress) {
        return new Reduction(request, scratch, progress).run();
    }

    private ReductionResult run() {
        long cpu = FetchMeter.threadCpuNanos();
        try (LocalSSTables local = new LocalSSTables();
                FetchedInputs changes = FetchedInputs.fetch(
                        local.open(request.changes(), request.verdicts().changed()), scratch, SynthesisProgress.NONE);
                FetchedInputs layers = FetchedInputs.fetch(request.layers(), scratch, progress)) {
            if (changes.inputs().isEmpty()) {
                throw new IllegalStateException("nothing of the changes is to be looked at");
            }
            return reduce(changes, layers, cpu);
        }
    }

    private ReductionResult reduce(FetchedInputs changes, FetchedInputs layers, long cpuBefore) {
        OutputAccount account = new OutputAccount(scratch, request.outputDirectory(), progress);
        SSTableVersion version = changes.inputs().get(0).version();
        RowLayout output = new RowLayout(OutputHeader.of(changes.inputs(), table), version.isSinceFive());
        int[] nextId = {request.firstSSTableId()};
        GroupWriter.Settings settings = new GroupWriter.Settings(
                request.outputDirectory(),
                version,
                output.header(),
                CompressionOptions.of(table.compression()),
                table.bloomFilterFpChance(),
                table.minIndexInterval(),
                request.maxSSTableBytes(),
                () -> nextId[0]++,
                account);
        KeyEstimate keys = KeyEstimate.of(changes.inputs(), request.maxSSTableBytes());
        boolean done = false;
        GroupWriters writers = new GroupWriters(List.of(new OutputGroup(KEPT, TokenRanges.FULL)), settings, keys);
        try (writers) {
            LatestWrite latest = new LatestWrite(writers);
            PartitionReduction reduction;
            MergeCounts counts;
            try (Verdicts.Reader verdicts = request.verdicts().read();
                    Verdicts.Reader again = request.verdicts().read()) {
                reduction = reduction(changes, layers, output, verdicts, again, latest);
                counts = reduction.run();
            } catch (DamagedInput e) {
                throw named(changes, layers, e);
            }
            List<OutputSSTable> written = writers.finish();
            done = true;
            return new ReductionResult(
                    new SynthesisResult(
                            written,
                            counts.partitions(),
                            counts.rows(),
                            counts.tombstones(),
                            layers.meter().bytes(),
                            layers.meter().dataBytes(),
                            layers.dataBytesOwned(),
                            0,
                            counts.expiry(),
                            layers.meter().cpuNanos(),
                            FetchMeter.threadCpuNanos() - cpuBefore),
                    latest.micros(),
                    reduction.redundantPartitions(),
                    reduction.redundantRows());
        } finally {
            if (!done) {
                writers.discard();
                account.giveBack();
            }
        }
    }

    private PartitionReduction reduction(
            FetchedInputs changes,
            FetchedInputs layers,
            RowLayout output,
            Verdicts.Reader verdicts,
            Verdicts.Reader again,
            LatestWrite sink) {
        List<FetchedInput> all = new ArrayList<>(changes.inputs());
        all.addAll(layers.inputs());
        // Deletion times as oa has them hold whatever any version can.
        RowLayout compared = new RowLayout(OutputHeader.of(all, table), true);
        List<RowCursor> changed = Cursors.over(changes, 0);
        return new PartitionReduction(
                changed,
                Cursors.over(layers, changed.size()),
                compared,
                output,
                table.dropped(),
                request.nowEpochSeconds(),
                verdicts,
                new RunHasher(new MergedRuns(again, request.fingerprints()), compared),
                sink);
    }

    private static CorruptInputException named(FetchedInputs changes, FetchedInputs layers, DamagedInput e) {
        int number = e.input() - changes.inputs().size();
        return Cursors.named(
                number < 0 ? changes.inputs().get(e.input()) : layers.inputs().get(number), e);
    }
}
