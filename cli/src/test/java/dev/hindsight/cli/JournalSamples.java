package dev.hindsight.cli;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Small, believable answers of the verbs of continuous protection. */
final class JournalSamples {
    private static final UUID ID = UUID.fromString("5a1c3b40-c7b1-11f0-9d0e-0e2a3d5b7c11");
    static final ProtectedTable TABLE =
            new ProtectedTable("prod", Samples.ORDERS, ID, Samples.NOW.minusSeconds(3600), true);
    static final Instant OPENS = Samples.NOW.minusSeconds(3500);

    private JournalSamples() {}

    static UnprotectReport unprotect(boolean everywhere) {
        return new UnprotectReport(
                new ProtectedTable(TABLE.cluster(), TABLE.name(), ID, TABLE.since(), false),
                everywhere ? List.of() : List.of("agent http://10.0.0.2:9645 was not told to capture less: no answer"));
    }

    static ProtectReport protect(boolean everywhere) {
        return new ProtectReport(
                List.of(new ProtectReport.Table(Samples.ORDERS, ID, false)),
                "prod",
                List.of("10.0.0.1:9042"),
                everywhere ? List.of() : List.of("10.0.0.2:9042: the node is down"),
                "20261122T100000Z-ab12",
                OPENS,
                List.of());
    }

    static CompleteReport complete(TableName table, boolean dryRun) {
        return new CompleteReport(
                table,
                dryRun,
                List.of(
                        new CompleteReport.Run(1, 900, "b1", 900, 1 << 20, dryRun ? 0 : 1 << 19, 1, 4096, 0.5, !dryRun),
                        new CompleteReport.Run(901, 950, "b2", 50, 1 << 20, 0, 0, 0, 0.1, false)),
                dryRun ? 950 : 50,
                1 << 20);
    }

    /** Of a whole partition: each of its two rows is written once. */
    static HistoryReport historyOfTwoRows() {
        return history(
                List.of(span(0, 40, "ONE"), span(40, 100, "ONE")),
                List.of(version(4711, 10, false, insert("1")), version(4712, 20, false, insert("2"))),
                List.of(row("1"), row("2")));
    }

    /** Nothing but a stretch that nobody knows, between two that are known. */
    static HistoryReport historyOfAGap() {
        return history(
                List.of(span(0, 20, "ONE"), span(20, 40, "QUORUM"), span(60, 80, "QUORUM"), span(80, 100, "QUORUM")),
                List.of(gap(40, 60)),
                List.of(row("1")));
    }

    static HistoryReport historyOfNothing() {
        return history(List.of(span(0, 100, "QUORUM")), List.of(), List.of(row("1")));
    }

    private static HistoryReport history(
            List<WindowReport.Span> guarantees, List<HistoryReport.Entry> entries, List<HistoryReport.RowThen> after) {
        return new HistoryReport(
                Samples.ORDERS,
                ID,
                "id = 7",
                OPENS,
                OPENS.plusSeconds(100).minusNanos(1000),
                guarantees,
                Samples.NOW.minusSeconds(2),
                entries.stream().filter(HistoryReport.Version.class::isInstance).count(),
                0,
                Optional.empty(),
                entries,
                List.of(),
                after);
    }

    /** Up to just before its end. */
    private static WindowReport.Span span(int from, int to, String guarantee) {
        return new WindowReport.Span(
                OPENS.plusSeconds(from),
                OPENS.plusSeconds(to).minusNanos(1000),
                "20261122T100000Z-ab12",
                guarantee,
                Map.of("dc1", guarantee),
                0.2);
    }

    private static HistoryReport.Missing gap(int from, int to) {
        return new HistoryReport.Missing(
                HistoryReport.Kind.GAP,
                OPENS.plusSeconds(from),
                OPENS.plusSeconds(to),
                "NONE",
                List.of("node " + ID + ": the agent's spool was full"));
    }

    private static HistoryReport.RowThen row(String line) {
        return new HistoryReport.RowThen(
                Map.of("line", line), false, Map.of("item", value("'pear'", 10, Optional.empty())));
    }

    private static HistoryReport.Row insert(String line) {
        Map<String, HistoryReport.Value> pear = Map.of("item", value("'pear'", 10, Optional.empty()));
        return new HistoryReport.Row(
                Map.of("line", line),
                false,
                HistoryReport.Operation.INSERT,
                false,
                true,
                List.of("item"),
                Map.of(),
                pear,
                pear,
                Map.of());
    }

    /** An update with a TTL, a gap, and a row that is deleted late. */
    static HistoryReport history(boolean sure) {
        Map<String, String> line = Map.of("line", "1");
        HistoryReport.Value pear = value("'pear'", 10, Optional.empty());
        HistoryReport.Value mortal = value("'plum'", 60, Optional.of(100));
        HistoryReport.Row update = new HistoryReport.Row(
                line,
                false,
                HistoryReport.Operation.UPDATE,
                true,
                true,
                List.of("item"),
                Map.of("item", pear),
                Map.of("item", mortal),
                Map.of("item", mortal),
                Map.of());
        HistoryReport.Row delete = new HistoryReport.Row(
                line,
                false,
                HistoryReport.Operation.DELETE_ROW,
                true,
                false,
                List.of("item"),
                Map.of("item", mortal),
                Map.of(),
                Map.of(),
                Map.of());
        List<HistoryReport.Entry> entries =
                new java.util.ArrayList<>(List.of(version(4711, 60, false, update), version(4712, 90, true, delete)));
        if (!sure) {
            entries.add(1, gap(70, 80));
        }
        return new HistoryReport(
                Samples.ORDERS,
                ID,
                "id = 7 AND line = 1",
                OPENS,
                OPENS.plusSeconds(100),
                window(Optional.empty(), true).spans(),
                Samples.NOW.minusSeconds(2),
                3,
                1,
                Optional.of(OPENS.plusSeconds(3)),
                entries,
                List.of(new HistoryReport.RowThen(line, false, Map.of("item", pear))),
                List.of());
    }

    private static HistoryReport.Version version(long number, int second, boolean late, HistoryReport.Row row) {
        Instant at = OPENS.plusSeconds(second);
        return new HistoryReport.Version(
                HistoryReport.Kind.CHANGE,
                Optional.of(number),
                at,
                Optional.of(at.minusMillis(90)),
                Optional.of(at.plusMillis(10)),
                Optional.of(at.minusMillis(3)),
                late,
                List.of(ID),
                List.of(row.operation()),
                Optional.empty(),
                List.of(),
                0,
                List.of(row),
                0,
                "");
    }

    private static HistoryReport.Value value(String literal, int second, Optional<Integer> ttl) {
        Instant at = OPENS.plusSeconds(second);
        return new HistoryReport.Value(Optional.of(literal), at, ttl, ttl.map(at::plusSeconds));
    }

    static WindowReport window(Optional<Instant> at, boolean inside) {
        WindowReport.Span span = new WindowReport.Span(
                OPENS, Samples.NOW.minusSeconds(2), "20261122T100000Z-ab12", "QUORUM", Map.of("dc1", "QUORUM"), 0.2);
        return new WindowReport(
                Samples.ORDERS,
                ID,
                "prod",
                true,
                TABLE.since(),
                List.of(span),
                Optional.of(Samples.NOW.minusSeconds(2)),
                2,
                4711,
                List.of(new WindowReport.Gap(ID, OPENS, OPENS.plusSeconds(60), "the agent's spool was full")),
                List.of(new WindowReport.Event("TRUNCATE", OPENS.plusSeconds(90))),
                Optional.empty(),
                List.of(),
                at.map(instant -> new WindowReport.Asked(
                        instant,
                        inside ? Optional.of(span) : Optional.empty(),
                        Optional.of(span.to()),
                        Optional.empty())));
    }
}
