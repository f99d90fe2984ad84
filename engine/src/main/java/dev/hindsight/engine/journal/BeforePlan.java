package dev.hindsight.engine.journal;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Of which records it is to be stored what was before them, and out of what. Immutable.
 *
 * @param firstNumber of the records; they are all in one stretch, which one base and the journal tell whole
 * @param base id of the backup
 * @param sureSinceMicros as the {@link dev.hindsight.repository.document.Completion} is to say it
 * @param baseBytes of the table in it, as stored
 * @param inputs opens what the base has in some ranges
 * @param version of the schema by which the base is understood
 * @param fromMicros records since then are applied to it
 * @param segments of the journal; those that have none of the records do no harm
 * @param definitions of the table, by version
 * @param steps what happens to the table between the records of one key, made anew for each
 */
public record BeforePlan(
        long firstNumber,
        long lastNumber,
        String base,
        Optional<Long> sureSinceMicros,
        long baseBytes,
        Function<TokenRanges, List<InputSSTable>> inputs,
        int version,
        long fromMicros,
        List<JournalEntry.Segment> segments,
        IntFunction<TableDefinition> definitions,
        Supplier<JournalSteps> steps) {
    public BeforePlan {
        segments = List.copyOf(segments);
    }
}
