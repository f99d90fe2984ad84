package dev.hindsight.operations.restore;

import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a restore would do. Nothing has been touched.
 *
 * @param instant that would be restored; empty: the backup's restore point
 * @param statements DDL in the order in which it would run
 * @param refused why it cannot run; empty when it can
 * @param refusedAs how it would end; empty when it can run
 * @param notes what will be missing or different, and what is resumed
 * @param sstablesPerNode at most, for one table
 */
public record RestoreForecast(
        String backup,
        Instant restorePoint,
        Optional<Instant> instant,
        String target,
        List<Table> tables,
        List<Node> nodes,
        List<String> statements,
        long bytesToDownload,
        int shards,
        int workers,
        List<Integer> shardsPerWorker,
        int sstablesPerNode,
        List<String> refused,
        Optional<ExitCode> refusedAs,
        List<String> notes) {
    /**
     * @param rows at most, unless {@code rowsAreExact}: rows that changed are stored more than once in a chain
     * @param rowsExpiredSince rows whose last content has expired between the backup and now: surely at least
     * @param rowsExpiredAtMost and at most
     * @param layers backups whose stored shards it is made of; 1 unless it is a chain
     * @param records what its journal adds
     */
    public record Table(
            TableName source,
            TableName target,
            long rows,
            boolean rowsAreExact,
            long bytes,
            long rowsExpiredSince,
            long rowsExpiredAtMost,
            boolean partial,
            int layers,
            Optional<Records> records) {}

    /**
     * The restore record set: sequence numbers of the table's journal, both included; {@code last} is less than {@code
     * first} when there is none.
     *
     * @param guarantee every write that was acknowledged at this level is there
     * @param uncertaintySeconds the instant may be off by so much: what was acknowledged so long before it is there, what was
     *     begun so long after it is not
     * @param alone the table was truncated between backup and instant, so that nothing of the backup counts
     */
    public record Records(
            long first, long last, boolean alone, long bytes, Guarantee guarantee, double uncertaintySeconds) {
        static Records of(InstantPart.Records records) {
            return new Records(
                    records.journal().firstNumber(),
                    records.journal().lastNumber(),
                    records.journal().alone(),
                    records.bytes(),
                    records.guarantee(),
                    records.uncertaintySeconds());
        }
    }

    /** @param usableBytes on its fullest usable data directory, less what the agent keeps free */
    public record Node(UUID hostId, String address, long bytesToReceive, long usableBytes) {}
}
