package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.BeforePlan;
import dev.hindsight.engine.journal.JournalSteps;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Says of a run of records out of what it is found what was before them. No state. */
final class CompletionPlans {
    private CompletionPlans() {}

    /** @param eachKey runs before each key that the records touch */
    static BeforePlan of(
            TableEvidence evidence,
            CompletionStretch stretch,
            long first,
            long last,
            long baseBytes,
            Function<TokenRanges, List<InputSSTable>> inputs,
            Runnable eachKey) {
        JournalView view = evidence.journal().orElseThrow();
        JournalEntry newest = view.newest();
        BackupManifest base =
                Optional.ofNullable(evidence.manifests().get(stretch.base())).orElseThrow();
        Map<Integer, TableDefinition> definitions = new HashMap<>();
        int version = newest.schemaAt(stretch.fromMicros());
        long from = evidence.recordsFromMicros(base);
        return new BeforePlan(
                first,
                last,
                stretch.base(),
                Optional.of(TableEvidence.began(base))
                        .filter(began -> stretch.isSure(evidence.window(), notAfter(view, last))),
                baseBytes,
                inputs,
                version,
                from,
                view.segments(),
                number -> definitions.computeIfAbsent(number, of -> {
                    JournalEntry.Definition definition = evidence.log().definition(newest, of);
                    return new TableDefinition(evidence.table().name(), definition.types(), definition.ddl());
                }),
                () -> {
                    eachKey.run();
                    return new JournalSteps(
                            view.events(), newest.schemas(), version, from, TableEvidence.began(base), Long.MAX_VALUE);
                });
    }

    /** An instant that a record's is not after: instants do not fall as numbers rise. */
    private static long notAfter(JournalView view, long number) {
        return view.segments().stream()
                .filter(segment -> segment.lastNumber() >= number)
                .mapToLong(JournalEntry.Segment::lastMicros)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
