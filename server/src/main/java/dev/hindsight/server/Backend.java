package dev.hindsight.server;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What the service asks of the rest of the system; the real one opens connections as the configuration says. Thread-safe,
 * except for {@link #touched} and {@link #seal}, which one thread calls, and {@link #merge} and {@link #complete}, each of which
 * another one calls. Failures are the types of {@link dev.hindsight.model.failure}.
 */
public interface Backend extends AutoCloseable {
    /**
     * The newest backup that holds a table.
     *
     * @param ring of the cluster when it was taken
     */
    record LastBase(String backup, Instant restorePoint, Ring ring) {}

    /** Where the repository is, for people. */
    String location();

    /** The tables of the service's cluster that are protected now; asks the repository, and so tells whether it can be reached. */
    List<ProtectedTable> protections();

    /** Those of a keyspace that can be restored together: also another cluster's, where the service's own has none. */
    List<ProtectedTable> protections(String keyspace);

    /**
     * May be another cluster's, which this service only reads.
     *
     * @throws dev.hindsight.model.failure.NotFoundException the table never was protected
     */
    ProtectedTable find(TableName table);

    /**
     * The id that the table has in the service's cluster now; empty: there is none.
     *
     * @throws dev.hindsight.model.failure.ClusterUnreachableException nobody says
     */
    Optional<UUID> liveId(TableName table);

    CaptureSurvey captures();

    /** Reads on in what was captured. Gives the ids of the tables that it is about: those to seal soon. */
    Set<UUID> touched(List<ProtectedTable> tables, CaptureSurvey captures);

    SealReport seal(ProtectedTable table, CaptureSurvey captures);

    /**
     * Makes large segments of small ones, if that is worth while.
     *
     * @return whether it did; then more may be left
     */
    boolean merge(ProtectedTable table);

    /** Stores what rows were before changes, as far as that is worth while. */
    DueRuns complete(ProtectedTable table);

    /** What is known now, without sealing. */
    WindowReport window(TableName table, Optional<Instant> at);

    /** What happened to a row or a partition, as far as it is sealed; takes much memory, so one at a time. */
    HistoryReport history(HistoryRequest request);

    Optional<LastBase> lastBase(ProtectedTable table);

    /** As the protected cluster's nodes have it now. */
    Ring ring();

    ProtectReport protect(List<TableName> tables, ProgressListener progress);

    /** As it is now. */
    ProtectedTable unprotect(TableName table);

    BackupReport backup(Set<TableName> tables, ProgressListener progress);

    RestoreForecast planRestore(RestoreOrder order, ProgressListener progress);

    RestoreReport restore(RestoreOrder order, ProgressListener progress);

    /** Ends whatever is under way: claims are released, workers end, what was done stays done. Safe to repeat. */
    @Override
    void close();
}
