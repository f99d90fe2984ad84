package dev.hindsight.repository.document;

import dev.hindsight.repository.document.JournalEntry.Gap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What came with format 3 of journal entries. */
final class SamplesOfFormat4 {
    private SamplesOfFormat4() {}

    static List<Record> all() {
        return List.of(journalEntry());
    }

    /** Every kind of document, as it is written now. */
    static List<Record> today() {
        List<Record> newer = Stream.concat(
                        all().stream(),
                        SamplesOfFormat3.all().stream()
                                .filter(sample -> all().stream().noneMatch(sample.getClass()::isInstance)))
                .toList();
        return Stream.concat(
                        SamplesOfFormat2.all().stream()
                                .filter(sample -> newer.stream().noneMatch(sample.getClass()::isInstance)),
                        newer.stream())
                .toList();
    }

    static JournalEntry journalEntry() {
        JournalEntry e = SamplesOfFormat3.journalEntry();
        JournalState state = e.state().orElseThrow();
        Gap killed = e.gaps().get(0);
        List<Gap> gaps = List.of(
                killed,
                new Gap(
                        killed.hostId(),
                        killed.toMicros() + 400_000_000,
                        killed.toMicros() + 411_000_000,
                        "sstableloader brought SSTables",
                        Optional.of(true)));
        return new JournalEntry(
                3,
                e.number(),
                e.previous(),
                e.at(),
                e.writer(),
                e.table(),
                e.tableId(),
                e.watermarkMicros(),
                e.lastNumber(),
                e.truncatedMicros(),
                e.schemas(),
                e.definitions(),
                e.segments(),
                e.consumed(),
                e.whole(),
                gaps,
                e.events(),
                e.spreadMicros(),
                e.owners(),
                e.ended(),
                e.checkpoint(),
                e.upkeep(),
                Optional.of(new JournalState(
                        state.droppedNumber(),
                        state.droppedMicros(),
                        state.segments(),
                        state.whole(),
                        gaps,
                        state.events(),
                        state.owners(),
                        state.exact(),
                        state.completions())),
                e.completed());
    }
}
