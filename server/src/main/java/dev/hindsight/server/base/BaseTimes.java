package dev.hindsight.server.base;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When bases are due, by table: an interval after the last one, or times as {@code cron} writes them, UTC. The most specific
 * one counts: of the table, of its keyspace, of all. Immutable.
 */
public final class BaseTimes {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final String OFF = "off";

    /** When the next one is due after one at a certain instant. */
    private interface Rhythm {
        Optional<Instant> after(Instant last);
    }

    private final Map<String, Rhythm> rhythms;
    private final List<String> texts;

    private BaseTimes(Map<String, Rhythm> rhythms, List<String> texts) {
        this.rhythms = Map.copyOf(rhythms);
        this.texts = List.copyOf(texts);
    }

    /**
     * @param texts each {@code WHEN}, {@code KEYSPACE=WHEN} or {@code KEYSPACE.TABLE=WHEN}; WHEN is a duration like {@code
     *     1d}, five fields of cron, or {@code off}
     * @throws IllegalArgumentException one is none of that
     */
    public static BaseTimes parse(List<String> texts) {
        Map<String, Rhythm> out = new HashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            String name = equals < 0 ? "" : text.substring(0, equals).strip();
            if (out.put(name, rhythm(text.substring(equals + 1).strip())) != null) {
                throw new IllegalArgumentException("'" + text + "' says again when bases "
                        + (name.isEmpty() ? "of all tables" : "of " + name) + " are due");
            }
        }
        return new BaseTimes(out, texts);
    }

    private static Rhythm rhythm(String text) {
        if (text.equals(OFF)) {
            return last -> Optional.empty();
        }
        if (text.indexOf(' ') < 0) {
            Duration interval = DurationText.parse(text);
            if (interval.compareTo(SHORTEST) < 0) {
                throw new IllegalArgumentException("'" + text + "' is shorter than a minute");
            }
            return last -> Optional.of(last.plus(interval));
        }
        Cron cron = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                .parse(text)
                .validate();
        ExecutionTime times = ExecutionTime.forCron(cron);
        return last -> times.nextExecution(ZonedDateTime.ofInstant(last, ZoneOffset.UTC))
                .map(ZonedDateTime::toInstant);
    }

    /** When the table's next base is due; empty for never. */
    public Optional<Instant> due(TableName table, Instant lastBase) {
        for (String name : List.of(table.toString(), table.keyspace(), "")) {
            Rhythm rhythm = rhythms.get(name);
            if (rhythm != null) {
                return rhythm.after(lastBase);
            }
        }
        return Optional.empty();
    }

    /** As it was written. */
    @Override
    public String toString() {
        return texts.toString();
    }
}
