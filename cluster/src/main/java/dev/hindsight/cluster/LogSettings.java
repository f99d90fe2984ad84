package dev.hindsight.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code system_views.settings} says about a node's commit log.
 *
 * <p>Source: {@code AbstractCommitLogService.DEFAULT_MARKER_INTERVAL_MILLIS}, {@code Config} 5.0.9 (room for CDC: 4 GiB, or an eighth of the disk): a log that is mapped into
 * memory shows what is written every 100 ms, whatever the sync period; any other one when it is synced.
 */
final class LogSettings {
    private static final Duration MARKERS = Duration.ofMillis(100);
    private static final Duration USUAL_PERIOD = Duration.ofSeconds(10);
    private static final Pattern TIME = Pattern.compile("([0-9]+)\\s*(ns|us|\u00b5s|ms|s|m|h|d)?");

    private static final Pattern SIZE = Pattern.compile("([0-9]+)\\s*(B|KiB|MiB|GiB)?");

    private LogSettings() {}

    /** How long a write may be acknowledged and not readable. */
    static Duration delay(Map<String, String> settings) {
        if (!settings.getOrDefault("commitlog_sync", "periodic").equals("periodic")) {
            // Acknowledged when it is synced.
            return Duration.ZERO;
        }
        Duration period = Optional.ofNullable(settings.get("commitlog_sync_period"))
                .or(() -> Optional.ofNullable(settings.get("commitlog_sync_period_in_ms")))
                .flatMap(LogSettings::time)
                .orElse(USUAL_PERIOD);
        return isMapped(settings) && MARKERS.compareTo(period) < 0 ? MARKERS : period;
    }

    private static boolean isMapped(Map<String, String> settings) {
        boolean compressed = settings.entrySet().stream()
                .anyMatch(one -> one.getKey().startsWith("commitlog_compression")
                        && !one.getValue().isEmpty()
                        && !one.getValue().equals("null"));
        boolean encrypted = settings.entrySet().stream()
                .anyMatch(one -> one.getKey().startsWith("transparent_data_encryption_options")
                        && one.getKey().endsWith("enabled")
                        && one.getValue().equals("true"));
        // "auto" is direct where the file system can do it.
        String mode = settings.getOrDefault("commitlog_disk_access_mode", "legacy");
        return !compressed && !encrypted && (mode.equals("legacy") || mode.startsWith("mmap"));
    }

    /** Empty where the node keeps nothing, or does not say how much. */
    static Optional<CdcRoom> cdcRoom(String node, Map<String, String> settings) {
        if (!settings.getOrDefault("cdc_enabled", "false").equals("true")) {
            return Optional.empty();
        }
        boolean refuses = settings.getOrDefault("cdc_block_writes", "true").equals("true");
        return Optional.ofNullable(settings.get("cdc_total_space"))
                .or(() -> Optional.ofNullable(settings.get("cdc_total_space_in_mb")))
                .flatMap(LogSettings::bytes)
                .map(bytes -> new CdcRoom(node, bytes, refuses));
    }

    private static Optional<Long> bytes(String text) {
        Matcher matcher = SIZE.matcher(text.trim());
        if (!matcher.matches() || matcher.group(1).length() > 9) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "MiB" : matcher.group(2);
        return Optional.of(
                switch (unit) {
                    case "B" -> count;
                    case "KiB" -> count << 10;
                    case "GiB" -> count << 30;
                    default -> count << 20;
                });
    }

    private static Optional<Duration> time(String text) {
        Matcher matcher = TIME.matcher(text.trim());
        if (!matcher.matches() || matcher.group(1).length() > 12) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "ms" : matcher.group(2);
        return Optional.of(
                switch (unit) {
                    case "ns" -> Duration.ofNanos(count);
                    case "ms" -> Duration.ofMillis(count);
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    case "d" -> Duration.ofDays(count);
                    default -> Duration.ofNanos(count * 1000);
                });
    }
}
