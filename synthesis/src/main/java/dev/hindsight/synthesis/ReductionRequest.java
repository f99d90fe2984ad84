package dev.hindsight.synthesis;

import dev.hindsight.synthesis.fingerprint.FingerprintWriter;
import dev.hindsight.synthesis.fingerprint.Verdicts;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code cursor.Reduction} leaves out of merged changes: whatever the layers below hold already.
 *
 * @param table of today; layers may be older
 * @param changes what one merge made of everything that may be new, as local files
 * @param layers the chain's stored SSTables, each restricted to what counts of its layer and has to be compared
 * @param verdicts on the runs that have changes
 * @param fingerprints receives those of the merged state of compared runs
 * @param nowEpochSeconds at which merged states are compared
 * @param outputDirectory receives a directory {@code kept} with what is kept
 */
public record ReductionRequest(
        TableDefinition table,
        List<OutputSSTable> changes,
        List<InputSSTable> layers,
        Verdicts verdicts,
        FingerprintWriter fingerprints,
        long nowEpochSeconds,
        Path outputDirectory,
        int firstSSTableId,
        long maxSSTableBytes) {
    public ReductionRequest {
        changes = List.copyOf(changes);
        layers = List.copyOf(layers);
    }
}
