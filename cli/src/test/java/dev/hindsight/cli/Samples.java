package dev.hindsight.cli;

import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Invented answers of a {@link Workbench}. */
final class Samples {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final TableName ORDERS = new TableName("shop", "orders");
    private static final UUID HOST = new UUID(1, 2);
    private static final UUID TABLE = new UUID(3, 4);

    private Samples() {}

    static BackupManifest manifest(BackupManifest.State state) {
        return manifest("20261122T100000Z-ab12", state);
    }

    static BackupManifest manifest(String id, BackupManifest.State state) {
        Node node = new Node(HOST, "10.0.0.1:9042", "dc1", "r1", List.of(1L), "5.0.9", true);
        List<UUID> read = state == BackupManifest.State.PARTIAL ? List.of() : List.of(HOST);
        List<BackupManifest.Missing> missing = state == BackupManifest.State.PARTIAL
                ? List.of(new BackupManifest.Missing(HOST, "node is down"))
                : List.of();
        return new BackupManifest(
                1,
                id,
                BackupManifest.Kind.FULL,
                Optional.empty(),
                state,
                NOW.minusSeconds(7300),
                NOW.minusSeconds(7200),
                NOW.minusSeconds(7260),
                "hindsight 0.1.0",
                new Ring("prod", Ring.MURMUR3, List.of(node)),
                List.of(new BackupManifest.NodeSnapshot(
                        HOST, "10.0.0.1:9042", Optional.of(NOW.minusSeconds(7260)), "")),
                List.of(),
                List.of(new BackupManifest.Table(
                        ORDERS,
                        TABLE,
                        List.of(new ObjectRef("backups/x/shards/0.json", 10, "sha256:00")),
                        List.of(new BackupManifest.Coverage(TokenRange.FULL, read, missing)))),
                new ObjectRef("backups/x/plan.json", 10, "sha256:00"),
                new BackupManifest.Totals(3 << 20, 3 << 20, 3 << 20, 3 << 20, 1 << 20, 1 << 20, 100, 1234));
    }

    static BackupForecast backupForecast() {
        return new BackupForecast(
                "prod",
                Optional.of("20261122T100000Z-ab12"),
                List.of(
                        new BackupForecast.Table(ORDERS, TABLE, 3, 6, 3 << 20, 2 << 10, 1 << 10, 2, true, ""),
                        new BackupForecast.Table(
                                new TableName("shop", "fresh"),
                                new UUID(9, 9),
                                3,
                                6,
                                3 << 20,
                                3 << 20,
                                1 << 20,
                                2,
                                false,
                                "it is new")),
                List.of(new BackupForecast.Node(HOST, "10.0.0.1:9042", "dc1", "r1", 1 << 20, "")),
                12,
                3 << 20,
                1 << 20,
                2,
                1,
                "2 shards of little work",
                64 << 20,
                2.5,
                Optional.of(new BackupForecast.Onward(
                        "20261122T090000Z-cd34", "backup on host h", false, true, "", 3, 5, 7 << 10)),
                List.of("node 10.0.0.3 is down"),
                List.of());
    }

    static BackupReport backupReport(BackupManifest.State state, @Nullable String pastDamage) {
        return new BackupReport(
                manifest(state),
                2,
                12.5,
                Optional.ofNullable(pastDamage),
                List.of(),
                0,
                0,
                0,
                OptionalInt.empty(),
                List.of());
    }

    static BackupReport backupReportOnDamagedChain(String damage) {
        return new BackupReport(
                manifest(BackupManifest.State.COMPLETE),
                2,
                12.5,
                Optional.empty(),
                List.of(damage),
                0,
                0,
                0,
                OptionalInt.empty(),
                List.of());
    }

    static RestoreForecast restoreForecast(Optional<ExitCode> refusedAs, String... refused) {
        return new RestoreForecast(
                "20261122T100000Z-ab12",
                NOW.minusSeconds(7260),
                Optional.empty(),
                "cluster 'prod'",
                List.of(new RestoreForecast.Table(
                        ORDERS,
                        new TableName("shop", "orders2"),
                        1234,
                        true,
                        1 << 20,
                        3,
                        9,
                        false,
                        1,
                        Optional.empty())),
                List.of(new RestoreForecast.Node(HOST, "10.0.0.1:9042", 1 << 20, 1L << 30)),
                List.of("CREATE TABLE shop.orders2 (\n    id int PRIMARY KEY\n);"),
                1 << 20,
                2,
                1,
                List.of(2),
                1,
                List.of(refused),
                refusedAs,
                List.of());
    }

    static RestoreReport restoreReport(boolean complete) {
        return new RestoreReport(
                "r-1",
                "20261122T100000Z-ab12",
                Optional.empty(),
                List.of(new RestoreReport.Result(
                        ORDERS, new TableName("shop", "orders2"), TABLE, 1234, true, 1, Optional.empty())),
                3 << 20,
                1,
                8.25,
                complete,
                List.of());
    }

    static ExportReport exportReport() {
        return new ExportReport(
                "20261122T100000Z-ab12", Path.of("/out"), List.of(ORDERS), 1 << 20, 1234, true, true, List.of());
    }

    static VerifyReport verifyReport(String... problems) {
        return new VerifyReport(
                "sample",
                List.of("20261122T100000Z-ab12"),
                1,
                12,
                1 << 20,
                1,
                List.of(ORDERS),
                1234,
                List.of(problems),
                List.of());
    }
}
