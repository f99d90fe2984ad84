package dev.hindsight.oracle;

import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Synthesisers that are wrong in one way each: a comparison that does not find them proves nothing. */
enum Mutants implements Synthesiser {
    /** Nothing is wrong. */
    NONE {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return request;
        }
    },
    FORGETS_AN_INPUT {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return request.inputs().size() < 2
                    ? request
                    : with(request, request.inputs().subList(1, request.inputs().size()), request.purge(), 0);
        }
    },
    PURGES_A_DAY_TOO_MUCH {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return request.purge() instanceof PurgePolicy.PurgeBefore before
                    ? with(
                            request,
                            request.inputs(),
                            new PurgePolicy.PurgeBefore(before.gcBeforeEpochSeconds() + 86_400),
                            0)
                    : request;
        }
    },
    PURGES_THOUGH_ALL_IS_TO_BE_KEPT {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return with(request, request.inputs(), new PurgePolicy.PurgeBefore(1L << 33), 0);
        }
    },
    KEEPS_THOUGH_SOME_IS_TO_BE_PURGED {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return with(request, request.inputs(), new PurgePolicy.KeepTombstones(), 0);
        }
    },
    IS_LATE {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return with(request, request.inputs(), request.purge(), 50_000);
        }
    },
    FORGETS_DROPPED_COLUMNS {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            String ddl = request.source().ddl().replaceAll("USING TIMESTAMP \\d+", "USING TIMESTAMP 5");
            TableDefinition source = new TableDefinition(
                    request.source().name(), request.source().types(), ddl);
            return new SynthesisRequest(
                    source,
                    request.target(),
                    request.inputs(),
                    request.purge(),
                    request.ttl(),
                    request.nowEpochSeconds(),
                    request.groups(),
                    request.outputDirectory(),
                    request.firstSSTableId(),
                    request.maxSSTableBytes());
        }
    },
    WRITES_A_WRONG_INDEX {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return request;
        }

        @Override
        void after(SynthesisResult result) {
            damage(result, "-Index.db");
        }
    },
    WRITES_A_WRONG_SUMMARY {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return request;
        }

        @Override
        void after(SynthesisResult result) {
            damage(result, "-Summary.db");
        }
    },
    FORGETS_TTL {
        @Override
        SynthesisRequest changed(SynthesisRequest request) {
            return new SynthesisRequest(
                    request.source(),
                    request.target(),
                    request.inputs(),
                    request.purge(),
                    new TtlPolicy.Drop(request.nowEpochSeconds()),
                    request.nowEpochSeconds(),
                    request.groups(),
                    request.outputDirectory(),
                    request.firstSSTableId(),
                    request.maxSSTableBytes());
        }
    };

    private final ReferenceSynthesiser right = new ReferenceSynthesiser();

    abstract SynthesisRequest changed(SynthesisRequest request);

    /** What goes wrong with the outputs. */
    void after(SynthesisResult result) {}

    /** Another last byte. */
    private static void damage(SynthesisResult result, String component) {
        for (OutputSSTable output : result.outputs()) {
            for (Path file : output.files()) {
                if (file.toString().endsWith(component)) {
                    try {
                        byte[] bytes = Files.readAllBytes(file);
                        bytes[bytes.length - 1] ^= 0x55;
                        Files.write(file, bytes);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        }
    }

    private static SynthesisRequest with(
            SynthesisRequest request, java.util.List<InputSSTable> inputs, PurgePolicy purge, long later) {
        return new SynthesisRequest(
                request.source(),
                request.target(),
                inputs,
                purge,
                request.ttl(),
                request.nowEpochSeconds() + later,
                request.groups(),
                request.outputDirectory(),
                request.firstSSTableId(),
                request.maxSSTableBytes());
    }

    @Override
    public SynthesisResult synthesise(SynthesisRequest request, Scratch scratch, SynthesisProgress progress) {
        SynthesisResult result = right.synthesise(changed(request), scratch, progress);
        after(result);
        return result;
    }

    @Override
    public Inspection inspect(TableDefinition table, InputSSTable input, Scratch scratch) {
        return right.inspect(table, input, scratch);
    }

    @Override
    public String describe(TableDefinition table, Path dataFile) {
        return right.describe(table, dataFile);
    }
}
