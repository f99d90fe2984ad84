package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.journal.BusyJournal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Entries of a journal's log that are lost or damaged where nobody reads them every day. */
class JournalLogDamageTest extends CollectRig {
    private List<String> problems() {
        try (VerifyOperation operation = new VerifyOperation(
                Repository.open(store),
                RunSettings.defaults(scratch),
                (workers, own) -> new InProcessEngine(new TaskContext(
                        store,
                        address -> {
                            throw new AssertionError("asked for agent " + address);
                        },
                        Synthesisers.named(Synthesisers.DEFAULT),
                        own,
                        journal.clock())),
                journal.clock(),
                ProgressListener.NONE)) {
            return operation
                    .execute(new VerifyRequest(Optional.empty(), VerifyRequest.Level.REFS, Optional.empty()))
                    .problems()
                    .stream()
                    .filter(one -> one.startsWith("journal"))
                    .toList();
        }
    }

    private static String key(long number) {
        return Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, number);
    }

    /** An entry that tells of a schema. @return its number */
    private long alter() {
        JournalLog log = journal.log();
        JournalEntry newest = log.newest().orElseThrow();
        Definition was = log.definition(newest, 1);
        List<SchemaVersion> schemas = new ArrayList<>(newest.schemas());
        schemas.add(new SchemaVersion(2, newest.watermarkMicros(), newest.number() + 1));
        JournalEntry entry = new JournalEntry(
                JournalEntry.FORMAT,
                newest.number() + 1,
                log.digestOf(newest.number()),
                journal.clock().instant(),
                "test",
                newest.table(),
                newest.tableId(),
                newest.watermarkMicros(),
                newest.lastNumber(),
                newest.truncatedMicros(),
                schemas,
                List.of(new Definition(2, was.types(), was.ddl(), was.neighbours())),
                List.of(),
                newest.consumed(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                newest.owners(),
                newest.ended());
        assertThat(log.append(entry)).isEqualTo(JournalLog.Outcome.PUBLISHED);
        return entry.number();
    }

    @Test
    void anEntryThatOnlyTheSchemaNeedsIsMissedByVerifyAndStopsAFloor() {
        base();
        journal.captureAndSeal(3);
        long defining = alter();
        journal.captureAndSeal(220);
        assertThat(journal.log().newest().orElseThrow().number()).isGreaterThan(200);
        assertThat(problems()).isEmpty();
        byte[] good = memory.bytes(key(defining)).clone();
        Set<String> before = keys("/log/");
        before.remove(key(defining));

        for (byte[] bytes : List.of("{}".getBytes(StandardCharsets.UTF_8), new byte[0])) {
            memory.delete(key(defining));
            if (bytes.length > 0) {
                memory.putIfAbsent(key(defining), Body.of(bytes));
            }
            assertThat(problems()).singleElement().asString().contains(key(defining), "(");
            assertThat(collect().notes()).anyMatch(note -> note.contains(key(defining)) && note.contains("stays"));
        }

        assertThat(keys("/floor/")).isEmpty();
        assertThat(keys("/log/")).containsAll(before);
        memory.putIfAbsent(key(defining), Body.of(good));
        assertThat(problems()).isEmpty();
        collect();
        assertThat(keys("journal/")).doesNotContain(key(2)).contains(key(defining));
        assertThat(problems()).isEmpty();
    }

    @Test
    void anyEntryThatIsLostIsNamedWithWhatToDo() {
        base();
        journal.captureAndSeal(30);
        long newest = journal.log().newest().orElseThrow().number();
        for (long lost = 1; lost < newest; lost++) {
            byte[] good = memory.bytes(key(lost)).clone();
            memory.delete(key(lost));

            assertThat(problems())
                    .describedAs("entry %d", lost)
                    .isNotEmpty()
                    .allSatisfy(one -> assertThat(one)
                            .contains(
                                    " is missing, and entry ",
                                    "stop every serve and seal first",
                                    "the highest number first"));

            memory.putIfAbsent(key(lost), Body.of(good));
        }
        assertThat(problems()).isEmpty();
    }
}
