package dev.hindsight.synthesis;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
 * @param tap sees every merged partition once, as it goes to the groups; only where {@link Synthesiser#taps}
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
        long maxSSTableBytes,
        Optional<ContentTap> tap) {
    /** Nobody looks at what is written. */
    public SynthesisRequest(
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
        this(
                source,
                target,
                inputs,
                purge,
                ttl,
                nowEpochSeconds,
                groups,
                outputDirectory,
                firstSSTableId,
                maxSSTableBytes,
                Optional.empty());
    }

    /** The same, with somebody who looks. */
    public SynthesisRequest withTap(ContentTap other) {
        return new SynthesisRequest(
                source,
                target,
                inputs,
                purge,
                ttl,
                nowEpochSeconds,
                groups,
                outputDirectory,
                firstSSTableId,
                maxSSTableBytes,
                Optional.of(other));
    }

    /** The same at another time. */
    public SynthesisRequest withNow(long otherEpochSeconds) {
        return new SynthesisRequest(
                source,
                target,
                inputs,
                purge,
                ttl,
                otherEpochSeconds,
                groups,
                outputDirectory,
                firstSSTableId,
                maxSSTableBytes,
                tap);
    }

    public SynthesisRequest {
        inputs = List.copyOf(inputs);
        groups = List.copyOf(groups);
    }
}
