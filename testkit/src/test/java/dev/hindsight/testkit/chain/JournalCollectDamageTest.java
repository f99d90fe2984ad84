package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.SmallObjects;
import dev.hindsight.testkit.journal.BusyJournal;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is damaged, or was written by a newer program, stays and is named; nothing else waits for it. */
class JournalCollectDamageTest extends CollectRig {
    @Test
    void aDamagedJournalAndWhatItMayStillReadStayAndAreNamed() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);
        long number = journal.log().newest().orElseThrow().number();
        String key = Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, number);
        memory.delete(key);
        memory.putIfAbsent(key, Body.of("{}".getBytes(StandardCharsets.UTF_8)));
        Set<String> before = keys("journal/");
        Set<String> captures = keys("captures/");

        CollectReport planned = operation(store, Duration.ZERO).plan();
        CollectReport report = collect();

        assertThat(keys("journal/")).isEqualTo(before);
        assertThat(keys("captures/")).isEqualTo(captures);
        for (CollectReport one : List.of(planned, report)) {
            assertThat(one.notes())
                    .anyMatch(note -> note.contains(key) && note.contains("journal"))
                    .anyMatch(note -> note.contains("all captures stay"));
        }
    }

    private JournalLog log() {
        return new JournalLog(store, BusyJournal.TABLE, BusyJournal.ID);
    }

    @Test
    void aLostEntryIsNotFilledWithAnother() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);
        long newest = journal.log().newest().orElseThrow().number();
        long lost = 1;
        MemoryStore whole = memory;
        do {
            // One that the search for the newest comes upon.
            restart(whole.copy());
            memory.delete(Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, ++lost));
        } while (log().newest().orElseThrow().number() == newest);
        String key = Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, lost);
        assertThat(lost).isLessThan(newest);
        Set<String> before = keys("journal/");

        for (CollectReport report : List.of(operation(store, Duration.ZERO).plan(), collect())) {
            assertThat(report.notes())
                    .anyMatch(note -> note.contains(key + " is missing, and entry " + newest + " is there")
                            && note.contains("stays"));
        }
        assertThat(keys("journal/")).isEqualTo(before);
    }

    @Test
    void theSegmentsOfANewestEntryThatIsLostStayUntilItIsPutBack() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);
        journal.captureAndSeal(1);
        TreeMap<Long, String> records = journal.records();
        MemoryStore whole = memory.copy();
        String key = Keys.journalEntry(
                BusyJournal.TABLE,
                BusyJournal.ID,
                journal.log().newest().orElseThrow().number());
        memory.delete(key);
        Set<String> before = keys("journal/");

        for (CollectReport report : List.of(operation(store, Duration.ZERO).plan(), collect())) {
            assertThat(report.notes()).anyMatch(note -> note.contains(key + " is lost") && note.contains("stays"));
        }

        assertThat(keys("journal/")).isEqualTo(before);
        memory.putIfAbsent(key, Body.of(SmallObjects.find(whole, key, 1 << 20).orElseThrow()));
        assertThat(journal.records()).isEqualTo(records);
        assertThat(collect().notes()).noneMatch(note -> note.contains("journal of"));
        assertThat(journal.records()).isEqualTo(records);
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void theSegmentsOfANewestEntryThatIsLostGoOnceTheyAreSealedAgain() {
        base();
        journal.captureAndSeal(12);
        memory.delete(Keys.journalEntry(
                BusyJournal.TABLE,
                BusyJournal.ID,
                journal.log().newest().orElseThrow().number()));
        collect();

        journal.seal();

        requireAllRecords();
        assertThat(collect().notes()).noneMatch(note -> note.contains("journal of"));
        requireAllRecords();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void ofATableThatNobodyNeedsNothingIsLookedForBehindItsLog() {
        journal.captureAndSeal(12);
        memory.delete(Keys.journalEntry(
                BusyJournal.TABLE,
                BusyJournal.ID,
                journal.log().newest().orElseThrow().number()));
        forge().append(new Change.Unprotect(PROTECTION, ""));

        collect();

        assertThat(keys("/segments/")).isEmpty();
    }

    @Test
    void aLostCheckpointStopsNothingElse() {
        base();
        journal.captureAndSeal(80);
        merger(store).merge(10);
        memory.delete(Keys.journalEntry(
                BusyJournal.TABLE,
                BusyJournal.ID,
                journal.log().newest().orElseThrow().checkpoint().orElseThrow()));
        memory.putIfAbsent("probe/left", Body.of(new byte[1]));
        Set<String> before = keys("journal/");

        CollectReport report = collect();

        assertThat(keys("journal/")).isEqualTo(before);
        assertThat(keys("probe/")).isEmpty();
        assertThat(report.notes()).anyMatch(note -> note.contains(".json") && note.contains("journal of ks.t stays"));
    }

    @Test
    void aCheckpointThatNamesNoneBeforeItStopsNothingElse() {
        base();
        journal.captureAndSeal(120);
        merger(store).merge(10);
        collect();
        JournalEntry newest = journal.log().newest().orElseThrow();
        assertThat(newest.state()).isPresent();
        long none = newest.number() - 1;
        assertThat(journal.log().entry(none).state()).isEmpty();
        memory.damage(
                Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, newest.number()),
                Documents.toBytes(newest.with(Optional.of(none), newest.state())));
        memory.putIfAbsent("probe/left", Body.of(new byte[1]));
        Set<String> before = keys("journal/");

        CollectReport report = collect();

        assertThat(keys("journal/")).isEqualTo(before);
        assertThat(keys("probe/")).isEmpty();
        assertThat(report.notes())
                .anyMatch(note -> note.contains("is a checkpoint, which it is not") && note.contains("stays"));
    }

    /** Between two steps of a collection: what it finds then is in its report too, and no more is deleted for it. */
    private void damageTheNewestEntry() {
        String key = Keys.journalEntry(
                BusyJournal.TABLE, BusyJournal.ID, log().newest().orElseThrow().number());
        memory.damage(key, "{}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aJournalThatIsFoundDamagedWhenCapturesAreDeletedIsNamed() {
        base();
        journal.captureAndSeal(12);
        memory.putIfAbsent("probe/left", Body.of(new byte[1]));
        Set<String> captures = keys("captures/");
        assertThat(operation(store, Duration.ZERO).plan().runs())
                .as("captures would go")
                .anyMatch(run -> run.run().startsWith("captures"));

        CollectReport report = operation(beforeDeleting("probe/", this::damageTheNewestEntry), Duration.ZERO)
                .execute();

        assertThat(keys("captures/")).isEqualTo(captures);
        assertThat(report.notes()).anyMatch(note -> note.contains("all captures stay"));
    }

    @Test
    void aJournalOfANewerProgramStaysAndTheOthersGoOn() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);
        UUID newer = new UUID(7, 7);
        TableName name = new TableName("ks", "newer");
        JournalLog other = new JournalLog(store, name, newer);
        JournalEntry mine = journal.log().entry(1);
        other.append(BusyJournal.as(mine, name, newer));
        memory.putIfAbsent(
                Keys.journalEntry(name, newer, 2), Body.of("{\"format\":99}".getBytes(StandardCharsets.UTF_8)));
        String segment = Keys.journalSegment(name, newer, new UUID(1, 1));
        memory.putIfAbsent(segment, Body.of(new byte[1]));
        CatalogueEntry.Protection protection = new CatalogueEntry.Protection(Forge.CLUSTER, name, newer);
        forge().append(new Change.Protect(protection, ""));
        Set<String> captures = keys("captures/");

        CollectReport report = collect();

        assertThat(keys("/t-").stream()
                        .filter(key -> key.contains("/segments/"))
                        .toList())
                .containsExactlyInAnyOrderElementsOf(live());
        assertThat(memory.keys()).contains(segment);
        assertThat(keys("captures/")).isEqualTo(captures);
        assertThat(report.notes())
                .anyMatch(note -> note.contains("journal of ks.newer stays"))
                .anyMatch(note -> note.contains("all captures stay"));
    }
}
