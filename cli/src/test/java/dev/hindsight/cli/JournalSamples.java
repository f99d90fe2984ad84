package dev.hindsight.cli;

import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
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

    static WindowReport window(Optional<Instant> at, boolean inside) {
        WindowReport.Span span = new WindowReport.Span(
                OPENS, Samples.NOW.minusSeconds(2), "20261122T100000Z-ab12", "QUORUM", Map.of("dc1", "QUORUM"));
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
                at.map(instant -> new WindowReport.Asked(
                        instant,
                        inside ? Optional.of(span) : Optional.empty(),
                        Optional.of(span.to()),
                        Optional.empty())));
    }
}
