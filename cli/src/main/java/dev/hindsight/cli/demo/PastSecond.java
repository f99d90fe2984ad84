package dev.hindsight.cli.demo;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.cli.output.Text;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.RingWithAgents;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The second half of the story: a table is protected, trade goes on, an accident happens at a known second, a hurt row tells
 * its history, and the table comes back as it was the second before, beside the one that was hurt.
 */
final class PastSecond {
    private static final String RESTORED = "orders_before";

    /** Longer than two clocks of one machine, and a log's marker, are apart. */
    private static final Duration APART = Duration.ofMillis(500);

    private final RingWithAgents site;
    private final DemoVerbs verbs;
    private final Steps steps;
    private final Shop shop;
    private final int customers;

    PastSecond(RingWithAgents site, DemoVerbs verbs, Steps steps, Shop shop, int customers) {
        this.site = site;
        this.verbs = verbs;
        this.steps = steps;
        this.shop = shop;
        this.customers = customers;
    }

    /**
     * @param equal whether the restored table is the one that was read before the accident
     * @param lagP99Millis from acknowledgement until captured of all replicas; empty where that was not measured
     * @param difference empty when there is none
     */
    record Outcome(boolean equal, Instant instant, Optional<Double> lagP99Millis, String difference) {}

    Outcome tell() {
        Clock clock = Clock.systemUTC();
        steps.step("hindsight protect shop.orders", () -> verbs.run("protect", "shop.orders"));
        Map<Integer, Instant> samples =
                steps.step("trade goes on, and the agents copy it out of the commit logs", () -> shop.ship(customers));
        Instant settled = clock.instant();
        List<String> expected = steps.step("read shop.orders at ALL: what must come back", () -> {
            List<String> rows = ShopDump.rows(site.ring().session(), "orders", ConsistencyLevel.ALL);
            Await.until(
                    "a second to pass",
                    Duration.ofMinutes(1),
                    () -> before(second(clock)).isAfter(settled.plus(APART)));
            return rows;
        });
        Instant accident = second(clock);
        Instant second = before(accident);
        steps.step("an accident at " + accident + ": a bad deploy deletes and overwrites orders", () -> {
            shop.ruin(customers);
            return true;
        });
        steps.step("hindsight window shop.orders --at " + second, () -> {
            // It ends with 5 until all agents' captures reach beyond that second.
            Await.until(
                    "all captures to be sealed",
                    Duration.ofMinutes(1),
                    () -> !verbs.run("window", "shop.orders", "--at", second.toString())
                            .isMissingNode());
            return true;
        });
        JsonNode history = steps.step(
                "hindsight history shop.orders --key \"" + Shop.HURT + "\"",
                () -> verbs.run("history", "shop.orders", "--key", Shop.HURT));
        for (JsonNode version : history.path("entries")) {
            if (version.has("at")) {
                steps.tell("            " + line(version));
            }
        }
        steps.step(
                "hindsight restore --table shop.orders --as shop." + RESTORED + " --at " + second,
                () -> verbs.run(
                        "restore", "--table", "shop.orders", "--as", "shop." + RESTORED, "--at", second.toString()));
        List<String> restored = steps.step(
                "read shop." + RESTORED + " at ALL and compare",
                () -> ShopDump.rows(site.ring().session(), RESTORED, ConsistencyLevel.ALL));
        Optional<String> difference = ShopDump.difference("shop." + RESTORED, expected, restored);
        Optional<Double> lag = CaptureLag.p99Millis(
                site.captureRepository(), samples, site.ring().nodes().size());
        steps.tell("            " + Text.plural(restored.size(), "row") + ", as they were at " + second
                + "; of " + Text.plural(samples.size(), "write") + ", "
                + lag.map(millis -> "99% were captured on all replicas within "
                                + Text.duration(Duration.ofMillis(Math.round(millis))))
                        .orElse("too few were found captured on all replicas to measure how soon"));
        return new Outcome(difference.isEmpty(), second, lag, difference.orElse(""));
    }

    private static Instant second(Clock clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant before(Instant second) {
        return second.minusSeconds(1);
    }

    /** One version in one line. */
    private static String line(JsonNode version) {
        StringBuilder out = new StringBuilder(version.path("at").asText());
        version.path("operations")
                .forEach(one ->
                        out.append("  ").append(one.asText().replace('_', ' ').toUpperCase(Locale.ROOT)));
        for (JsonNode row : version.path("rows")) {
            for (JsonNode name : row.path("changed")) {
                if (!row.path("isStatic").asBoolean() && name.asText().equals("status")) {
                    out.append("  status ")
                            .append(row.at("/before/status/value").asText("null"))
                            .append(" -> ")
                            .append(row.at("/after/status/value").asText("null"));
                }
            }
        }
        return out.toString();
    }
}
