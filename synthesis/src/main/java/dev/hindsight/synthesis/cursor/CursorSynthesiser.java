package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.fetch.FetchMeter;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.fetch.SSTableDescription;
import java.nio.file.Path;

/**
 * The synthesiser that needs no Cassandra: reads nb, oa and da, merges with cursors that pass equal rows as bytes, writes nb
 * or oa. Memory is that of the inputs' windows (48 MiB for all of them, 96 KiB each at least) and of the open outputs, whatever
 * the size of partitions.
 *
 * <p>No state: safe for several tasks at once, of any tables and clusters. Failures are those of {@link Synthesiser}; after
 * one, no input and no output is left.
 */
public final class CursorSynthesiser implements Synthesiser {
    /** For the {@link java.util.ServiceLoader}. */
    public CursorSynthesiser() {}

    @Override
    public String name() {
        return "cursor";
    }

    @Override
    public boolean taps() {
        return true;
    }

    @Override
    public SynthesisResult synthesise(SynthesisRequest request, Scratch scratch, SynthesisProgress progress) {
        TableSchema source = schema(request.source());
        TableSchema target = schema(request.target());
        try (FetchedInputs fetched = FetchedInputs.fetch(request.inputs(), scratch, progress)) {
            long cpu = FetchMeter.threadCpuNanos();
            FetchMeter meter = fetched.meter();
            SynthesisResult merged = new MergeTask(request, source, target, fetched, scratch, progress).run();
            return new SynthesisResult(
                    merged.outputs(),
                    merged.partitions(),
                    merged.rows(),
                    merged.tombstones(),
                    meter.bytes(),
                    meter.dataBytes(),
                    merged.dataBytesOwned(),
                    merged.uncompressedBytes(),
                    merged.expiry(),
                    meter.cpuNanos(),
                    FetchMeter.threadCpuNanos() - cpu);
        }
    }

    static TableSchema schema(TableDefinition definition) {
        return DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl());
    }

    @Override
    public Inspection inspect(TableDefinition table, InputSSTable input, Scratch scratch) {
        return SSTableInspector.inspect(schema(table), input, scratch);
    }

    @Override
    public String describe(TableDefinition table, Path dataFile) {
        return SSTableDescription.of(table.name(), dataFile);
    }
}
