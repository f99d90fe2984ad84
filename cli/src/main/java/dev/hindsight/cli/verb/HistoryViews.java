package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryReport.Entry;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Missing;
import dev.hindsight.operations.journal.HistoryReport.Operation;
import dev.hindsight.operations.journal.HistoryReport.Row;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.operations.journal.HistoryReport.Value;
import dev.hindsight.operations.journal.HistoryReport.Version;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.document.DocumentTree;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code history} prints. */
final class HistoryViews {
    /** Longer values, and more rows of one version, only JSON has whole. */
    private static final int MOST_CHARACTERS = 160;

    private static final int MOST_ROWS = 20;

    private HistoryViews() {}

    static Outcome history(HistoryReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("table " + report.table() + ", " + Text.plain(report.key()));
        lines.add(Text.facts(facts(report)));
        boolean oneRow = isOfOneRow(report);
        for (Entry entry : report.entries()) {
            lines.add("");
            if (entry instanceof Version version) {
                version(version, oneRow, lines);
            } else if (entry instanceof Missing missing) {
                lines.add(missing(missing));
            }
        }
        lines.add("");
        if (report.versions() == 0) {
            lines.add((report.entries().stream().anyMatch(Missing.class::isInstance)
                            ? "no write to it is known in this stretch"
                            : "nothing was written to it in this stretch")
                    + "; it was:");
            rows(report.rowsAfter(), lines);
        } else {
            lines.add("at the end it was:");
            rows(report.rowsAfter(), lines);
            newest(report).ifPresent(at -> {
                lines.add("");
                lines.add("to see the table just before the newest version:");
                lines.add("  hindsight restore --table " + report.table() + " --as " + report.table() + "_then --at "
                        + at.minus(1, ChronoUnit.MICROS));
            });
        }
        return new Outcome(
                ExitCode.OK,
                "history",
                DocumentTree.fieldsOf(report),
                String.join("\n", lines).stripTrailing());
    }

    private static List<String> facts(HistoryReport report) {
        List<String> facts = new ArrayList<>(List.of(
                "from",
                report.from().toString(),
                "to",
                report.to().toString(),
                "versions",
                Text.count(report.versions())
                        + (report.leftOut() == 0
                                ? ""
                                : ", the oldest " + Text.count(report.leftOut())
                                        + " are not shown: more with --limit, or ask with --to"
                                        + report.leftOutUpTo()
                                                .map(at -> " " + at)
                                                .orElse(""))));
        facts.add("guarantee");
        facts.add(guarantee(report));
        return facts;
    }

    /** One level where it holds for all of the stretch; else each of its parts, also those of which nothing is sure. */
    private static String guarantee(HistoryReport report) {
        NavigableMap<Instant, String> levels = new TreeMap<>();
        Instant next = report.from();
        for (WindowReport.Span span : report.guarantees()) {
            if (span.from().isAfter(next)) {
                begin(levels, "none", next);
                next = span.from();
            }
            begin(levels, span.guarantee(), next);
            next = span.to().plus(1, ChronoUnit.MICROS);
        }
        if (!next.isAfter(report.to())) {
            begin(levels, "none", next);
        }
        return levels.size() == 1 && !report.guarantees().isEmpty()
                ? "every write acknowledged at " + levels.firstEntry().getValue() + " is told of"
                : levels.entrySet().stream()
                        .map(level -> level.getValue() + " from " + level.getKey())
                        .collect(Collectors.joining(", "));
    }

    private static void begin(NavigableMap<Instant, String> levels, String level, Instant at) {
        if (levels.isEmpty() || !levels.lastEntry().getValue().equals(level)) {
            levels.put(at, level);
        }
    }

    private static Optional<Instant> newest(HistoryReport report) {
        return report.entries().stream()
                .filter(entry -> entry.kind() == Kind.CHANGE || entry.kind() == Kind.TRUNCATE)
                .map(entry -> ((Version) entry).at())
                .filter(at -> at.isAfter(report.from()))
                .reduce((earlier, later) -> later);
    }

    /** Neither versions nor ends tell of another one, so that it need not be named each time. */
    private static boolean isOfOneRow(HistoryReport report) {
        Set<Map<String, String>> rows = new HashSet<>();
        Stream.of(report.rowsBefore(), report.rowsAfter())
                .flatMap(List::stream)
                .filter(row -> !row.isStatic())
                .forEach(row -> rows.add(row.clustering()));
        for (Entry entry : report.entries()) {
            if (entry instanceof Version version) {
                if (version.rowsOmitted() > 0 || version.rows().stream().anyMatch(Row::isStatic)) {
                    return false;
                }
                version.rows().forEach(row -> rows.add(row.clustering()));
            }
        }
        return rows.size() <= 1;
    }

    private static String missing(Missing missing) {
        String stretch = "-- " + missing.from() + " to " + missing.to() + ": ";
        String what = missing.kind() == Kind.GAP
                ? "nothing is sure here, versions may be missing"
                : "only writes acknowledged at " + missing.guarantee() + " are surely told of, others may be missing";
        String causes = missing.causes().stream()
                .limit(5)
                .map(cause -> "\n   " + Text.plain(cause))
                .collect(Collectors.joining());
        return stretch + what + causes;
    }

    private static void version(Version version, boolean oneRow, List<String> lines) {
        String operations =
                version.operations().stream().map(HistoryViews::words).collect(Collectors.joining(", "));
        lines.add(version.at() + "  " + operations + (version.late() ? "  LATE" : "")
                + version.number().map(number -> "  record " + number).orElse(""));
        circumstances(version).ifPresent(line -> lines.add("    " + line));
        version.ranges().stream()
                .limit(MOST_ROWS)
                .forEach(range -> lines.add("    range from " + bound(range.from(), range.fromIncluded(), "the start")
                        + " to " + bound(range.to(), range.toIncluded(), "the end")));
        long moreRanges = version.rangesOmitted() + Math.max(0, version.ranges().size() - MOST_ROWS);
        if (moreRanges > 0) {
            lines.add("    and " + Text.plural(moreRanges, "more range"));
        }
        if (version.rows().isEmpty() && version.kind() == Kind.CHANGE) {
            lines.add("    there was nothing to delete");
        }
        for (Row row :
                version.rows().subList(0, Math.min(MOST_ROWS, version.rows().size()))) {
            row(row, oneRow, lines);
        }
        long more = version.rowsOmitted() + Math.max(0, version.rows().size() - MOST_ROWS);
        if (more > 0) {
            lines.add("    and " + Text.plural(more, "more row"));
        }
    }

    private static String words(Operation operation) {
        return operation == Operation.UNKNOWN ? "CHANGED" : operation.name().replace('_', ' ');
    }

    private static String bound(List<String> values, boolean included, String open) {
        return values.isEmpty()
                ? open
                : "(" + Text.plain(String.join(", ", values)) + ")" + (included ? "" : " exclusive");
    }

    private static Optional<String> circumstances(Version version) {
        List<String> parts = new ArrayList<>();
        if (!version.note().isEmpty()) {
            parts.add(Text.plain(version.note()));
        }
        version.writtenAt().filter(at -> !at.equals(version.at())).ifPresent(at -> parts.add("write time " + at));
        if (version.late()) {
            version.latest().ifPresent(latest -> parts.add("seen at " + latest));
        } else if (version.kind() == Kind.CHANGE) {
            parts.add(version.earliest()
                    .flatMap(earliest -> version.latest().map(latest -> Duration.between(earliest, latest)))
                    .map(width -> "known to " + Text.duration(width))
                    .orElseGet(() ->
                            "seen by " + version.latest().map(Object::toString).orElse("nobody")));
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", parts));
    }

    private static void row(Row row, boolean oneRow, List<String> lines) {
        if (!oneRow) {
            lines.add("    " + (row.isStatic() ? "static columns" : "row " + named(row.clustering())) + ": "
                    + words(row.operation()).toLowerCase(Locale.ROOT));
        }
        String indent = oneRow ? "    " : "        ";
        if (row.changed().isEmpty()) {
            lines.add(indent + unchanged(row));
            return;
        }
        int width = row.changed().stream().mapToInt(String::length).max().orElse(0);
        for (String column : row.changed()) {
            Optional<Value> before = Optional.ofNullable(row.before().get(column));
            Optional<Value> after = Optional.ofNullable(row.after().get(column));
            Optional<Value> expired = Optional.ofNullable(row.expired().get(column));
            lines.add(indent + Text.plain(column) + " ".repeat(width - column.length() + 2)
                    + before.map(HistoryViews::value).orElse("null")
                    + (before.isPresent()
                            ? ""
                            : expired.map(HistoryViews::expired).orElse(""))
                    + " -> " + after.map(HistoryViews::value).orElse("null")
                    + after.map(HistoryViews::life).orElse(""));
        }
    }

    private static String unchanged(Row row) {
        if (row.existed() != row.exists()) {
            return row.exists() ? "the row is there now, all columns null" : "the row is gone, all columns were null";
        }
        String wrote = row.written().entrySet().stream()
                .map(one -> one.getKey() + " = " + value(one.getValue()))
                .collect(Collectors.joining(", "));
        boolean newer = row.written().entrySet().stream()
                .anyMatch(one -> Optional.ofNullable(row.after().get(one.getKey()))
                        .map(after -> after.writtenAt().isAfter(one.getValue().writtenAt()))
                        .orElse(false));
        return (newer ? "nothing changed, since newer values were there" : "nothing changed")
                + (wrote.isEmpty() ? "" : "; it wrote " + Text.plain(wrote));
    }

    private static String value(Value value) {
        String text = Text.plain(value.value().orElse("null"));
        return text.length() <= MOST_CHARACTERS
                ? text
                : text.substring(0, MOST_CHARACTERS) + "... (" + Text.plural(text.length(), "character") + ")";
    }

    private static String life(Value value) {
        return value.expiresAt()
                .map(at -> "  (TTL " + value.ttlSeconds().map(Object::toString).orElse("?") + ", until " + at + ")")
                .orElse("");
    }

    private static String expired(Value value) {
        return " (was " + value(value)
                + value.expiresAt().map(at -> " until it expired at " + at).orElse("") + ")";
    }

    private static String named(Map<String, String> clustering) {
        return clustering.isEmpty()
                ? ""
                : clustering.entrySet().stream()
                        .map(one -> Text.plain(one.getKey() + " = " + one.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static void rows(List<RowThen> rows, List<String> lines) {
        if (rows.isEmpty()) {
            lines.add("    not there");
        }
        for (RowThen row : rows.subList(0, Math.min(MOST_ROWS, rows.size()))) {
            String values = row.values().entrySet().stream()
                    .map(one -> Text.plain(one.getKey()) + " = " + value(one.getValue()))
                    .collect(Collectors.joining(", "));
            String name = row.isStatic() ? "static columns" : named(row.clustering());
            lines.add("    " + (name.isEmpty() ? "" : name + ": ") + (values.isEmpty() ? "all columns null" : values));
        }
        if (rows.size() > MOST_ROWS) {
            lines.add("    and " + Text.plural(rows.size() - MOST_ROWS, "more row"));
        }
    }
}
