package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.JournalEntry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Says which instants of a table can be restored. Reads the repository only. */
public final class WindowOperation {
    private final Repository repository;
    private final Clock clock;
    private final Optional<Manifests> manifests;

    public WindowOperation(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        this.manifests = Optional.empty();
    }

    /** @param manifests that were read before, and will be asked for again */
    public WindowOperation(Repository repository, Clock clock, Manifests manifests) {
        this.repository = repository;
        this.clock = clock;
        this.manifests = Optional.of(manifests);
    }

    /**
     * Of the table that has the name now, or had it last; of an earlier one, that was dropped, where only that can be restored to
     * the instant.
     *
     * @throws dev.hindsight.model.failure.NotFoundException the table never was protected
     */
    public WindowReport window(TableName name, Optional<Instant> at) {
        CatalogueView view = repository.catalogue().view();
        ProtectedTable newest = ProtectedTable.find(view, name);
        WindowReport report = window(newest, at);
        List<String> notes = new ArrayList<>();
        for (ProtectedTable table : newest.earlier(view)) {
            WindowReport earlier = window(table, at);
            if (!holds(report) && holds(earlier)) {
                return earlier;
            }
            earlier(earlier).ifPresent(notes::add);
        }
        return report.withNotes(notes);
    }

    private static boolean holds(WindowReport report) {
        return report.asked().flatMap(WindowReport.Asked::span).isPresent();
    }

    private static Optional<String> earlier(WindowReport of) {
        return of.spans().isEmpty()
                ? Optional.empty()
                : Optional.of("another table had this name before, with id " + of.tableId()
                        + ": it can be restored to instants from "
                        + of.spans().get(0).from() + " to "
                        + of.spans().get(of.spans().size() - 1).to() + ", all of which 'hindsight window " + of.table()
                        + " --at' one of them tells");
    }

    public WindowReport window(ProtectedTable table, Optional<Instant> at) {
        TableEvidence known = TableEvidence.read(
                repository,
                table,
                () -> manifests
                        .map(already -> TableBases.read(repository.catalogue().view(), table, already))
                        .orElseGet(() -> TableBases.read(repository, table)));
        RestorableWindow window = known.window();
        Instant now = clock.instant();
        Optional<Instant> sealed = known.watermarkMicros().map(Micros::instant);
        return new WindowReport(
                table.name(),
                table.tableId(),
                table.cluster(),
                table.standing(),
                table.since(),
                window.spans().stream().map(span -> span(known, span)).toList(),
                sealed,
                java.time.Duration.between(sealed.orElse(table.since()), now).toMillis() / 1000.0,
                known.newest().map(JournalEntry::lastNumber).orElse(0L),
                known.journal().stream()
                        .flatMap(entry -> entry.gaps().stream())
                        .map(gap -> new WindowReport.Gap(
                                gap.hostId(),
                                Micros.instant(gap.fromMicros()),
                                Micros.instant(gap.toMicros()),
                                gap.cause()))
                        .toList(),
                known.journal().stream()
                        .flatMap(entry -> entry.events().stream())
                        .map(event -> new WindowReport.Event(event.kind().name(), Micros.instant(event.atMicros())))
                        .toList(),
                known.newest().flatMap(JournalEntry::ended),
                known.notes(),
                at.map(instant -> asked(known, window, instant)));
    }

    private static WindowReport.Asked asked(TableEvidence known, RestorableWindow window, Instant at) {
        long micros = Micros.of(at);
        return new WindowReport.Asked(
                at,
                window.at(micros).map(span -> span(known, span, micros, micros)),
                window.nearestBefore(micros).map(Micros::instant),
                window.nearestAfter(micros).map(Micros::instant));
    }

    static WindowReport.Span span(TableEvidence known, RestorableWindow.Span span) {
        return span(known, span, span.fromMicros(), span.toMicros());
    }

    /** @param fromMicros with {@code toMicros}: of these instants the uncertainty is told */
    private static WindowReport.Span span(
            TableEvidence known, RestorableWindow.Span span, long fromMicros, long toMicros) {
        Map<String, String> byDatacenter = new TreeMap<>();
        for (Map.Entry<String, Guarantee> one : span.guarantees().byDatacenter().entrySet()) {
            byDatacenter.put(one.getKey(), one.getValue().name());
        }
        return new WindowReport.Span(
                Micros.instant(span.fromMicros()),
                Micros.instant(span.toMicros()),
                span.base(),
                span.guarantees().cluster().name(),
                byDatacenter,
                known.uncertaintyMicros(fromMicros, toMicros) / 1e6);
    }
}
