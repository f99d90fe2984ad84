package dev.hindsight.cli.config;

import dev.hindsight.agent.settings.Settings;
import dev.hindsight.model.retention.Keep;
import dev.hindsight.model.retention.RebasePolicy;
import dev.hindsight.model.retention.RetentionPolicy;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sections {@code retention} and {@code rebase} of {@code hindsight.yaml}.
 *
 * <pre>
 *   retention:
 *     default: {keep: {all: 3d, daily: 30d, weekly: 12w, monthly: 12m}, min: 2}
 *     tables:
 *       shop.orders: {keep: {all: 7d, daily: 90d}, window: 7d}
 *       logs: {keep: {all: 2d}, min: 1}
 *   rebase: {automatic: true, chain-length: 14, read-factor: 1.5}
 * </pre>
 *
 * Here, and only here, {@code m} is a month: nobody keeps backups for minutes.
 */
final class RetentionConfig {
    private static final int DEFAULT_MIN = 2;
    private static final int MOST = 100_000;
    private static final Pattern SPAN = Pattern.compile("(\\d{1,6})\\s*([hdwmy])");
    private static final Pattern FACTOR = Pattern.compile("\\d{1,4}(\\.\\d{1,3})?");

    private RetentionConfig() {}

    /** Empty when there is no such section: then nothing expires by itself. */
    static Optional<RetentionRules> retention(Settings root) {
        return root.findSection("retention").map(retention -> {
            Optional<Settings> section = retention.findSection("default");
            if (section.isEmpty()) {
                throw retention.refuse(
                        "default",
                        "is missing",
                        "say what to keep of tables that are not named, like default: {keep: {all: 3d, daily: 30d}}");
            }
            Settings first = section.get();
            if (!first.has("keep")) {
                throw first.refuse(
                        "keep", "is missing", "write keep: {all: 3d, daily: 30d, weekly: 12w, monthly: 12m}");
            }
            RetentionPolicy otherwise = policy(first, new RetentionPolicy(Keep.NOTHING, DEFAULT_MIN));
            Map<String, RetentionPolicy> keyspaces = new HashMap<>();
            Map<TableName, RetentionPolicy> tables = new HashMap<>();
            retention.sections("tables").forEach((name, settings) -> {
                RetentionPolicy policy = policy(settings, otherwise);
                if (name.indexOf('.') < 0) {
                    keyspaces.put(name, policy);
                } else {
                    tables.put(table(retention, name), policy);
                }
            });
            retention.finish();
            return new RetentionRules(otherwise, keyspaces, tables);
        });
    }

    static RebasePolicy rebase(Settings root) {
        Settings settings = root.section("rebase");
        boolean automatic = settings.flag("automatic", RebasePolicy.DEFAULT.automatic());
        int length = settings.number("chain-length", 1, MOST, RebasePolicy.DEFAULT_CHAIN_LENGTH);
        double factor = RebasePolicy.DEFAULT_READ_FACTOR;
        Optional<String> given = settings.findText("read-factor");
        if (given.isPresent()) {
            factor = FACTOR.matcher(given.get()).matches() ? Double.parseDouble(given.get()) : 0;
            if (factor < 1) {
                throw settings.refuse("read-factor", "is '" + given.get() + "'", "write a number from 1 on, like 1.5");
            }
        }
        settings.finish();
        return new RebasePolicy(automatic, length, factor);
    }

    /** What is not said is as in {@code otherwise}: {@code keep} as a whole. */
    private static RetentionPolicy policy(Settings settings, RetentionPolicy otherwise) {
        int min = settings.number("min", 0, MOST, otherwise.min());
        Keep keep = settings.findSection("keep").map(RetentionConfig::keep).orElse(otherwise.keep());
        Duration window =
                settings.has("window") ? Duration.ofHours(span(settings, "window", "h", "d", "w")) : otherwise.window();
        settings.finish();
        try {
            return new RetentionPolicy(keep, min, window);
        } catch (IllegalArgumentException e) {
            throw settings.refuse("window", String.valueOf(e.getMessage()), "write a shorter span");
        }
    }

    private static Keep keep(Settings settings) {
        Duration all = Duration.ofHours(span(settings, "all", "h", "d", "w"));
        int days = span(settings, "daily", "d", "w") / 24;
        int weeks = span(settings, "weekly", "w") / 24 / 7;
        int months = span(settings, "monthly", "m", "y");
        settings.finish();
        try {
            return new Keep(all, days, weeks, months);
        } catch (IllegalArgumentException e) {
            throw settings.refuse("all", "or another span: " + e.getMessage(), "write shorter spans");
        }
    }

    /** In hours; months for {@code m} and {@code y}. */
    private static int span(Settings settings, String key, String... units) {
        Optional<String> given = settings.findText(key);
        if (given.isEmpty()) {
            return 0;
        }
        Matcher matcher = SPAN.matcher(given.get());
        if (!matcher.matches() || !List.of(units).contains(matcher.group(2))) {
            throw settings.refuse(
                    key,
                    "is '" + given.get() + "'",
                    "write a number and one of " + String.join(", ", units) + ", like 12" + units[0]);
        }
        int hours = switch (matcher.group(2)) {
            case "d" -> 24;
            case "w" -> 24 * 7;
            case "y" -> 12;
            default -> 1;
        };
        return Integer.parseInt(matcher.group(1)) * hours;
    }

    private static TableName table(Settings retention, String name) {
        try {
            return TableName.parse(name);
        } catch (IllegalArgumentException e) {
            throw retention.refuse(
                    "tables", "names '" + name + "', which is no table", "write keyspace.table, or a keyspace alone");
        }
    }
}
