package dev.hindsight.server.metrics;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.Watched;
import dev.hindsight.server.job.Job;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All that the service counts. Thread-safe. */
public final class ServiceMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Watched watched;
    private final Clock clock;
    private final MultiGauge lag;
    private final MultiGauge unsealed;
    private final MultiGauge guarantee;
    private final MultiGauge baseAge;

    public ServiceMetrics(Watched watched, Clock clock) {
        this.watched = watched;
        this.clock = clock;
        this.lag = gauge("hindsight.lag.seconds", "How far behind now the journal's watermark is");
        this.unsealed = gauge(
                "hindsight.unsealed.seconds",
                "For how long something captured has been waiting to be sealed, and nothing was; 0 when nothing waits");
        this.guarantee = gauge(
                "hindsight.window.guarantee",
                "What the newest restorable instant surely holds: writes acknowledged at ONE (3), QUORUM (2), ALL (1); 0 for nothing");
        this.baseAge = gauge("hindsight.base.age.seconds", "Age of the newest backup that holds the table");
        registry.gauge("hindsight.protected.tables", watched, all -> all.all().size());
        registry.gauge(
                "hindsight.agents.not.capturing", watched, all -> all.silent().size());
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    public void sealRound(Duration took) {
        registry.timer("hindsight.seal.round").record(took);
    }

    public void sealed(TableName table, SealReport report) {
        Tags tags = tags(table);
        registry.counter("hindsight.sealed.records", tags).increment(report.records());
        registry.counter("hindsight.sealed.bytes", tags).increment(report.bytes());
        registry.counter("hindsight.sealed.entries", tags).increment(report.entries());
    }

    /** @param work during which it happened: seal, bases, api */
    public void error(String work, HindsightException failure) {
        String name = failure.getClass().getSimpleName().replaceAll("Exception$", "");
        registry.counter("hindsight.errors", "type", name, "work", work).increment();
    }

    /** Of what nobody foresaw. */
    public void unexpected(String work) {
        registry.counter("hindsight.errors", "type", "Unexpected", "work", work).increment();
    }

    public void ended(Job job) {
        registry.counter(
                        "hindsight.jobs",
                        "kind",
                        job.kind().name().toLowerCase(Locale.ROOT),
                        "state",
                        job.state().name().toLowerCase(Locale.ROOT))
                .increment();
        job.problem()
                .ifPresent(problem -> registry.counter("hindsight.errors", "type", problem.type(), "work", "job")
                        .increment());
    }

    /** All of it as it is now, in Prometheus' text format. */
    public synchronized String scrape() {
        Instant now = clock.instant();
        List<MultiGauge.Row<?>> lags = new ArrayList<>();
        List<MultiGauge.Row<?>> waits = new ArrayList<>();
        List<MultiGauge.Row<?>> guarantees = new ArrayList<>();
        List<MultiGauge.Row<?>> ages = new ArrayList<>();
        for (Watched.Table one : watched.all()) {
            Tags tags = tags(one.table().name());
            lags.add(MultiGauge.Row.of(
                    tags, seconds(one.sealedUpTo().orElse(one.table().since()), now)));
            waits.add(MultiGauge.Row.of(
                    tags,
                    watched.unsealedSince(one.table().tableId())
                            .map(since -> seconds(since, now))
                            .orElse(0.0)));
            guarantees.add(MultiGauge.Row.of(
                    tags, one.window().map(ServiceMetrics::guarantee).orElse(0)));
            one.lastBase().ifPresent(base -> ages.add(MultiGauge.Row.of(tags, seconds(base, now))));
        }
        lag.register(lags, true);
        unsealed.register(waits, true);
        guarantee.register(guarantees, true);
        baseAge.register(ages, true);
        return registry.scrape();
    }

    private static int guarantee(WindowReport window) {
        return window.spans().isEmpty()
                ? 0
                : Guarantee.valueOf(
                                window.spans().get(window.spans().size() - 1).guarantee())
                        .ordinal();
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }

    private static Tags tags(TableName table) {
        return Tags.of("keyspace", table.keyspace(), "table", table.table());
    }
}
