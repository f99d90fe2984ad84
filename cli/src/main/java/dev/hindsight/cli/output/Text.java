package dev.hindsight.cli.output;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import dev.hindsight.model.units.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Text for people: tables without borders, times in UTC, sizes in binary units. What comes from outside (names, messages)
 * is stripped of control characters, so that a table called by an escape sequence cannot repaint the terminal.
 */
public final class Text {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** No border but two spaces between columns (the vertical bars' places hold spaces). */
    private static final Character[] PLAIN = new Character[29];

    static {
        Arrays.fill(PLAIN, null);
    }

    private Text() {}

    public static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** {@code 850ms}, {@code 12.3s}, {@code 4m 05s}, {@code 3h 20m}, {@code 12d 4h}. */
    public static String duration(Duration duration) {
        long millis = Math.max(0, duration.toMillis());
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1fs", millis / 1000.0);
        }
        long seconds = millis / 1000;
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%dm %02ds", seconds / 60, seconds % 60);
        }
        if (seconds < 48 * 3600) {
            return String.format(Locale.ROOT, "%dh %02dm", seconds / 3600, seconds / 60 % 60);
        }
        return seconds / 86400 + "d " + seconds / 3600 % 24 + "h";
    }

    public static String seconds(double seconds) {
        return duration(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    public static String bytes(long bytes) {
        return ByteSize.format(bytes);
    }

    /** {@code 1,234,567}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    public static String plural(long number, String one) {
        return count(number) + " " + one + (number == 1 ? "" : "s");
    }

    /** Control characters (and what could pass for them) as {@code \}{@code u001b}. */
    public static String plain(String any) {
        StringBuilder out = null;
        for (int i = 0; i < any.length(); i++) {
            char c = any.charAt(i);
            boolean control = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
            if (control && out == null) {
                out = new StringBuilder(any.length() + 16).append(any, 0, i);
            }
            if (out != null) {
                if (control) {
                    out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
        }
        return out == null ? any : out.toString();
    }

    /**
     * A table: header in capitals, columns apart by two spaces.
     *
     * @param headers one beginning with {@code >} is aligned to the right, as numbers are
     */
    public static String table(List<String> headers, List<List<String>> rows) {
        Column[] columns = new Column[headers.size()];
        for (int i = 0; i < columns.length; i++) {
            boolean right = headers.get(i).startsWith(">");
            columns[i] = new Column()
                    .header((right ? headers.get(i).substring(1) : headers.get(i)).toUpperCase(Locale.ROOT))
                    .headerAlign(right ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
                    .dataAlign(right ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
                    .maxWidth(4096, OverflowBehaviour.NEWLINE);
        }
        String[][] data = new String[rows.size()][];
        for (int i = 0; i < data.length; i++) {
            data[i] = rows.get(i).stream().map(Text::plain).toArray(String[]::new);
        }
        String drawn = AsciiTable.builder()
                .border(PLAIN)
                .data(columns, data)
                .lineSeparator("\n")
                .asString();
        return tidy(drawn);
    }

    /** {@code key  value} lines, keys padded to the longest. */
    public static String facts(List<String> keysAndValues) {
        int width = 0;
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            width = Math.max(width, keysAndValues.get(i).length());
        }
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            String key = keysAndValues.get(i);
            lines.add(key + " ".repeat(width - key.length() + 2) + plain(keysAndValues.get(i + 1)));
        }
        return String.join("\n", lines);
    }

    private static String tidy(String drawn) {
        List<String> lines = new ArrayList<>();
        for (String line : drawn.split("\n", -1)) {
            String body = line.startsWith(" ") ? line.substring(1) : line;
            if (!body.isBlank()) {
                lines.add(body.stripTrailing());
            }
        }
        return String.join("\n", lines);
    }
}
