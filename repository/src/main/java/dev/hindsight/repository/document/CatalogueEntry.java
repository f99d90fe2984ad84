package dev.hindsight.repository.document;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code catalog/<n>.json}: one step of the repository's own log.
 *
 * @param number dense from 1
 * @param previous digest of the previous entry's bytes; {@code none} for number 1
 * @param previousProblem only where the previous entry could not be believed when this one was written: what was wrong
 *     with it; {@code previous} is then the digest of the bytes that were found there
 * @param epoch of the writer: one more than the highest epoch it had seen when its run began
 * @param writer who wrote this, for people: run id, host, process id
 * @param backup what the entry is about; empty text for all that is not about one
 * @param manifest of the backup, for {@link Action#PUBLISH}
 * @param under number of the {@link Action#CLAIM} that the writer held. The entry is void, as if it were not there, when
 *     that claim had been replaced or ended before. Empty in format 1
 * @param parent for {@link Action#REPARENT}: the backup that this one builds on from now on
 * @param rebaseOf for {@link Action#PUBLISH} of a rebase: the backup whose records it holds, and whose place it takes in
 *     the order of backups
 * @param claim for {@link Action#CLAIM}
 * @param ends for {@link Action#END}: number of the claim that is over
 * @param reason for people: why it was held, expired or ended
 * @param protection for {@link Action#PROTECT} and {@link Action#UNPROTECT}: which table
 */
public record CatalogueEntry(
        int format,
        long number,
        String previous,
        Optional<String> previousProblem,
        long epoch,
        String writer,
        Instant at,
        Action action,
        String backup,
        Optional<ObjectRef> manifest,
        Optional<Long> under,
        Optional<String> parent,
        Optional<String> rebaseOf,
        Optional<Claim> claim,
        Optional<Long> ends,
        Optional<String> reason,
        Optional<Protection> protection) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 3;

    /** An entry that publishes without a claim, as all of format 1 do. */
    public CatalogueEntry(
            int format,
            long number,
            String previous,
            Optional<String> previousProblem,
            long epoch,
            String writer,
            Instant at,
            Action action,
            String backup,
            Optional<ObjectRef> manifest) {
        this(
                format,
                number,
                previous,
                previousProblem,
                epoch,
                writer,
                at,
                action,
                backup,
                manifest,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public enum Action {
        PUBLISH,
        /** The backup builds on another one from now on, which holds the same records as its parent did. */
        REPARENT,
        /** Never expires, until released. */
        HOLD,
        RELEASE,
        /** The backup is no longer there for readers; what only it reaches is garbage. */
        EXPIRE,
        /** A run begins (or takes over) what only one may do at a time. */
        CLAIM,
        /** A run is over, or was found dead. */
        END,
        /** What is written to the table is kept from here on, so that any instant can be restored. */
        PROTECT,
        UNPROTECT
    }

    /** @param cluster as its nodes call it */
    public record Protection(String cluster, TableName table, UUID tableId) {}

    /**
     * What a run works on, and what it must keep others from deleting. Its holder is alive while it goes on creating
     * {@code runs/<number of the entry>/beat-<k>.json} (FORMAT.md, Claims). A later claim of the same scope replaces it.
     *
     * @param scope what only one run may do at a time: {@code backup prod}, {@code restore prod2 shop}, {@code collect}
     * @param run id of the run: of the backup, restore or rebase it makes, which stands in the keys of its objects
     * @param pins ids of backups that the run reads: nothing they reach is deleted while it lives
     * @param host name of the machine, and {@code boot}, what tells one start of it from another (empty if unknown)
     * @param processStart epoch milliseconds, so that a reused process id is not taken for it; 0 if unknown
     */
    public record Claim(
            String scope,
            String run,
            String verb,
            List<String> pins,
            String host,
            String boot,
            long processId,
            long processStart) {
        public Claim {
            pins = List.copyOf(pins);
        }
    }
}
