package dev.hindsight.oracle;

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
import dev.hindsight.synthesis.fetch.LocalInputs;
import dev.hindsight.synthesis.fetch.SSTableDescription;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.schema.TableMetadata;

/**
 * The synthesiser on Cassandra 5.0's own classes: what workers run until there is a faster one, and what that one will be
 * compared with.
 *
 * <p>Inputs may be {@code nb}, {@code oa} (big) and {@code da} (bti), mixed. Of each only the chunks of its ranges come to
 * scratch, into a sparse file, and are merged from there; memory does not grow with the data. Scratch counts what is
 * written, outputs included when the output directory lies below it; inputs are given back at the end, outputs stay
 * reserved for the caller to release with the files. {@link SynthesisResult#uncompressedBytes} counts what was merged.
 *
 * <p>Safe for one task after the other and for several at once, of any tables and clusters: no schema is registered
 * anywhere. Needs the JVM options in {@code dev/hindsight/oracle/jvm.options}. Failures are those of {@link Synthesiser};
 * after one, no input and no unfinished output is left.
 */
public final class ReferenceSynthesiser implements Synthesiser {
    /** For the {@link java.util.ServiceLoader}. */
    public ReferenceSynthesiser() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public SynthesisResult synthesise(SynthesisRequest request, Scratch scratch, SynthesisProgress progress) {
        CassandraRuntime.start();
        TableMetadata source = TableSchemas.parse(request.source());
        TableMetadata target = TableSchemas.parse(request.target());
        TableMetadata reading = TableSchemas.forReading(source, target);
        try (FetchedInputs fetched = FetchedInputs.fetch(request.inputs(), scratch, progress, LocalInputs.COPY)) {
            List<OpenInput> open = InputFetcher.open(fetched, reading);
            try {
                long cpu = FetchMeter.threadCpuNanos();
                FetchMeter meter = fetched.meter();
                SynthesisResult merged = new Merge(request, target, open, scratch, progress).run();
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
            } finally {
                open.forEach(OpenInput::close);
            }
        }
    }

    @Override
    public Inspection inspect(TableDefinition table, InputSSTable input, Scratch scratch) {
        CassandraRuntime.start();
        return SSTableInspector.inspect(TableSchemas.parse(table), input, scratch);
    }

    @Override
    public String describe(TableDefinition table, Path dataFile) {
        return SSTableDescription.of(table.name(), dataFile);
    }
}
