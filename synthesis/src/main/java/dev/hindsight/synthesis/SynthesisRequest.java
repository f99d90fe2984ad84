package dev.hindsight.synthesis;

import java.nio.file.Path;
import java.util.List;

/**
 * One merge: many SSTables in, complete records out.
 *
 * @param source schema with which the inputs were written
 * @param target schema (and name) with which the outputs are written; differs from {@code source} only in the names of
 *     keyspace and table
 * @param nowEpochSeconds the explicit "now" against which expiry is decided
 * @param outputDirectory receives one directory per group with standard SSTables ({@code nb}, or {@code oa} where an
 *     expiry beyond 2038-01-19 needs it)
 * @param firstSSTableId the first numeric id of the outputs; later ones count up over all groups
 * @param maxSSTableBytes an output is closed at the first partition end past this many Data.db bytes
 */
public record SynthesisRequest(
        TableDefinition source,
        TableDefinition target,
        List<InputSSTable> inputs,
        PurgePolicy purge,
        TtlPolicy ttl,
        long nowEpochSeconds,
        List<OutputGroup> groups,
        Path outputDirectory,
        int firstSSTableId,
        long maxSSTableBytes) {
    public SynthesisRequest {
        inputs = List.copyOf(inputs);
        groups = List.copyOf(groups);
    }
}
