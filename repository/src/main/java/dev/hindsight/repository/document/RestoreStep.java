package dev.hindsight.repository.document;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code restores/<id>/steps/...json}: a step of a restore that is done, so that the same command can go on.
 *
 * @param step {@code shard-<number>}, {@code importing}, {@code imported-<host id>-<table>}, {@code done}
 * @param files staged on each node, for a shard
 * @param truncations with {@code importing}: which target tables had been truncated before, on which node, {@code <host
 *     id>/<table id>=<what the node notes of it, hex>}, separated by spaces
 */
public record RestoreStep(
        int format,
        String restore,
        String step,
        Instant at,
        List<UUID> nodes,
        List<File> files,
        long rows,
        Optional<String> truncations) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

    public RestoreStep {
        nodes = List.copyOf(nodes);
        files = List.copyOf(files);
    }

    public RestoreStep(
            int format, String restore, String step, Instant at, List<UUID> nodes, List<File> files, long rows) {
        this(format, restore, step, at, nodes, files, rows, Optional.empty());
    }

    public record File(String name, long sizeBytes, String sha256) {}
}
