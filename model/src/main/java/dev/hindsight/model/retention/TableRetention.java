package dev.hindsight.model.retention;

import dev.hindsight.model.retention.Reason.Why;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * One table's policy on one table's restore points. Days, weeks and months are those of UTC, so no clock is ever put
 * forward or back in them.
 */
final class TableRetention {
    /** Dates that can be counted with; what lies outside is taken for the nearest. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

    private final List<Point> oldestFirst;
    private final Instant until;
    private final Map<LocalDate, Bucket> days;
    private final Map<LocalDate, Bucket> weeks;
    private final Map<LocalDate, Bucket> months;

    /** @param until what spans are counted back from */
    TableRetention(List<Point> points, Instant until) {
        this.oldestFirst = points.stream().sorted(Point.OLDEST_FIRST).toList();
        this.until = countable(until);
        this.days = buckets(oldestFirst, TableRetention::day);
        this.weeks = buckets(oldestFirst, TableRetention::week);
        this.months = buckets(oldestFirst, TableRetention::month);
    }

    /** Calls {@code keep} for every point that a rule keeps, once for each rule. */
    void apply(RetentionPolicy policy, boolean minimum, BiConsumer<Point, Why> keep) {
        Keep spans = policy.keep();
        if (!spans.all().isZero()) {
            Instant since = until.minus(spans.all());
            oldestFirst.stream()
                    .filter(point -> !countable(point.at()).isBefore(since))
                    .forEach(point -> keep.accept(point, Why.RECENT));
        }
        if (spans.days() > 0) {
            lastOfEach(until.minus(Duration.ofDays(spans.days())), days)
                    .forEach(point -> keep.accept(point, Why.DAILY));
        }
        if (spans.weeks() > 0) {
            lastOfEach(until.minus(Duration.ofDays(7L * spans.weeks())), weeks)
                    .forEach(point -> keep.accept(point, Why.WEEKLY));
        }
        if (spans.months() > 0) {
            lastOfEach(monthsBefore(spans.months()), months).forEach(point -> keep.accept(point, Why.MONTHLY));
        }
        if (!policy.window().isZero()) {
            basesOf(policy.window()).forEach(point -> keep.accept(point, Why.WINDOW));
        }
        if (minimum) {
            newestRestorable(policy.min()).forEach(point -> keep.accept(point, Why.MINIMUM));
        }
    }

    /** Why no rule keeps this point, for people. */
    String dropped(Point point, Keep spans) {
        if (spans.days() > 0 && isAfter(point, until.minus(Duration.ofDays(spans.days())))) {
            return "its day keeps " + keeper(point, TableRetention::day, days);
        }
        if (spans.weeks() > 0 && isAfter(point, until.minus(Duration.ofDays(7L * spans.weeks())))) {
            return "its week keeps " + keeper(point, TableRetention::week, weeks);
        }
        if (spans.months() > 0 && isAfter(point, monthsBefore(spans.months()))) {
            return "its month keeps " + keeper(point, TableRetention::month, months);
        }
        return "older than all that is kept";
    }

    /** From the newest that is as old as the window, or older, on. */
    private List<Point> basesOf(Duration window) {
        Instant since = until.minus(window);
        List<Point> restorable = oldestFirst.stream().filter(Point::restorable).toList();
        int first = 0;
        for (int i = 0; i < restorable.size(); i++) {
            if (!isAfter(restorable.get(i), since)) {
                first = i;
            }
        }
        return restorable.subList(first, restorable.size());
    }

    private List<Point> newestRestorable(int most) {
        List<Point> restorable = oldestFirst.stream().filter(Point::restorable).toList();
        return restorable.subList(Math.max(0, restorable.size() - most), restorable.size());
    }

    private List<Point> lastOfEach(Instant since, Map<LocalDate, Bucket> buckets) {
        return buckets.values().stream()
                .filter(bucket -> isAfter(bucket.last(), since))
                .map(Bucket::best)
                .toList();
    }

    private static String keeper(Point point, UnaryOperator<LocalDate> bucketOf, Map<LocalDate, Bucket> buckets) {
        Bucket bucket = buckets.get(bucketOf.apply(date(point)));
        return bucket == null ? "another one" : bucket.best().keeper();
    }

    private static Map<LocalDate, Bucket> buckets(List<Point> oldestFirst, UnaryOperator<LocalDate> bucketOf) {
        Map<LocalDate, Bucket> out = new LinkedHashMap<>();
        oldestFirst.forEach(point -> out.merge(bucketOf.apply(date(point)), new Bucket(point, point), Bucket::then));
        return out;
    }

    /**
     * A day, week or month.
     *
     * @param last its last point
     * @param best what it keeps: the last restorable one; where none is restorable, the last one
     */
    private record Bucket(Point last, Point best) {
        Bucket then(Bucket later) {
            boolean better = later.best.restorable() || !best.restorable();
            return new Bucket(later.last, better ? later.best : best);
        }
    }

    private Instant monthsBefore(int months) {
        return until.atOffset(ZoneOffset.UTC).minusMonths(months).toInstant();
    }

    private static boolean isAfter(Point point, Instant since) {
        return countable(point.at()).isAfter(since);
    }

    private static LocalDate date(Point point) {
        return countable(point.at()).atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private static LocalDate day(LocalDate date) {
        return date;
    }

    private static LocalDate week(LocalDate date) {
        return date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    private static LocalDate month(LocalDate date) {
        return date.withDayOfMonth(1);
    }

    private static Instant countable(Instant instant) {
        if (instant.isBefore(FIRST)) {
            return FIRST;
        }
        return instant.isAfter(LAST) ? LAST : instant;
    }
}
