package dev.hindsight.cli;

import dev.hindsight.model.retention.Reason;
import dev.hindsight.model.retention.RetentionDecision;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.ExpireReport;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupManifest.Kind;
import dev.hindsight.repository.document.CatalogueEntry;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Invented chains: F1 with two incrementals, the first of them rebased. */
final class ChainSamples {
    static final String F1 = "20261120T100000Z-0001";
    static final String I11 = "20261121T100000Z-0002";
    static final String R2 = "20261121T120000Z-0003";
    static final String I21 = "20261122T100000Z-0004";

    private ChainSamples() {}

    static RebaseForecast rebaseForecast() {
        return new RebaseForecast(
                I11,
                List.of(I11, F1),
                Optional.empty(),
                List.of(new RebaseForecast.Table(Samples.ORDERS, true, "is merged", 2, 4, 1 << 20)),
                List.of(I21),
                1 << 20,
                900_000,
                4,
                1);
    }

    static RebaseReport rebaseReport() {
        return new RebaseReport(
                rebaseForecast(),
                Optional.of(Samples.manifest(R2, BackupManifest.State.COMPLETE)),
                List.of(I21),
                1 << 20,
                900_000,
                1,
                2.5,
                1.5,
                List.of());
    }

    static ExpireReport expireReport(boolean dryRun) {
        return new ExpireReport(
                dryRun,
                new RetentionDecision(
                        List.of(
                                new RetentionDecision.Stay(R2, List.of(new Reason(Reason.Why.NEEDED, List.of(I21)))),
                                new RetentionDecision.Stay(
                                        I21, List.of(new Reason(Reason.Why.RECENT, List.of("shop.orders"))))),
                        List.of(
                                new RetentionDecision.Go(I11, "rebased to " + R2),
                                new RetentionDecision.Go(F1, "older than all that is kept")),
                        List.of()),
                List.of(I11, F1),
                List.of(),
                List.of(),
                3 << 20,
                2 << 20,
                List.of());
    }

    static ExpireReport refusedReport() {
        return new ExpireReport(
                false,
                new RetentionDecision(
                        List.of(
                                new RetentionDecision.Stay(F1, List.of(new Reason(Reason.Why.NEEDED, List.of(I11)))),
                                new RetentionDecision.Stay(I11, List.of(new Reason(Reason.Why.NOT_NAMED, List.of())))),
                        List.of(),
                        List.of()),
                List.of(),
                List.of(F1),
                List.of(),
                0,
                5 << 20,
                List.of());
    }

    static CollectReport collectReport(boolean dryRun, long failed) {
        return new CollectReport(
                dryRun,
                List.of(new CollectReport.Run(F1, "expired", 12, 3 << 20)),
                12,
                3 << 20,
                failed,
                40,
                failed == 0 ? List.of() : List.of(failed + " objects could not be deleted"));
    }

    static CatalogueEntry entry(CatalogueEntry.Action action, String backup, String reason) {
        return new CatalogueEntry(
                CatalogueEntry.FORMAT,
                7,
                "none",
                Optional.empty(),
                1,
                "test",
                Samples.NOW,
                action,
                backup,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(reason),
                Optional.empty());
    }

    static DiskUsage usage() {
        return new DiskUsage(
                List.of(
                        backup(F1, Kind.FULL, Optional.empty(), Optional.empty(), true, 3 << 20),
                        backup(I11, Kind.INCREMENTAL, Optional.of(F1), Optional.empty(), false, 1 << 20),
                        backup(R2, Kind.REBASE, Optional.empty(), Optional.of(I11), false, 3 << 20),
                        backup(I21, Kind.INCREMENTAL, Optional.of(R2), Optional.empty(), false, 1 << 20)),
                List.of(new DiskUsage.Table(Samples.ORDERS, new UUID(3, 4), 4, 8 << 20)),
                8 << 20,
                Optional.of(4L << 20),
                List.of());
    }

    private static DiskUsage.Backup backup(
            String id, Kind kind, Optional<String> parent, Optional<String> rebaseOf, boolean expired, long bytes) {
        return new DiskUsage.Backup(
                id,
                kind,
                BackupManifest.State.COMPLETE,
                "prod",
                Samples.NOW,
                parent,
                rebaseOf,
                1,
                id.equals(I21),
                false,
                expired,
                bytes,
                bytes,
                id.equals(I11) ? Optional.of("rebased to " + R2) : Optional.empty());
    }
}
