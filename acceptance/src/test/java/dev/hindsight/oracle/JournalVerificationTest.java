package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.journal.BeforeCheck;
import dev.hindsight.engine.journal.SegmentCheck;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.operations.verify.VerifyRequest;
import dev.hindsight.operations.verify.VerifyRequest.Level;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify} of a repository with a journal, made by {@link HistoryWorld}. */
class JournalVerificationTest {
    private static final long SEED = Long.getLong("test.seed", 20261123);

    @TempDir
    Path temp;

    private HistoryWorld world;
    private List<Segment> segments;
    private UUID tableId;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @BeforeEach
    void world() {
        world = new HistoryWorld(SEED, temp.resolve("world"));
        tableId = world.repository()
                .catalogue()
                .inspect()
                .protections()
                .get(0)
                .protection()
                .orElseThrow()
                .tableId();
        segments = JournalView.find(log()).orElseThrow().segments();
    }

    private JournalLog log() {
        return new JournalLog(world.repository().store(), HistoryWorld.TABLE, tableId);
    }

    private VerifyReport verify(Level level) {
        try (VerifyOperation operation = new VerifyOperation(
                world.repository(),
                RunSettings.defaults(temp.resolve("scratch")),
                (workers, own) -> new InProcessEngine(new TaskContext(
                        world.repository().store(),
                        address -> {
                            throw new AssertionError("asked for agent " + address);
                        },
                        Synthesisers.named(Synthesisers.DEFAULT),
                        own,
                        Clock.systemUTC())),
                Clock.systemUTC(),
                ProgressListener.NONE)) {
            return operation.execute(new VerifyRequest(Optional.empty(), level, Optional.empty()));
        }
    }

    private List<String> problems(Level level) {
        return verify(level).problems().stream()
                .filter(problem -> problem.startsWith("journal"))
                .toList();
    }

    @Test
    void everyChangeOfAWholeJournalIsRead() {
        VerifyReport report = verify(Level.RECORDS);

        assertThat(report.problems())
                .filteredOn(one -> one.startsWith("journal"))
                .isEmpty();
        assertThat(report.journals()).containsExactly(HistoryWorld.TABLE);
        assertThat(report.journalRecords())
                .isEqualTo(segments.stream().mapToLong(Segment::records).sum())
                .isGreaterThan(50);
        assertThat(verify(Level.SAMPLE).journalRecords())
                .isEqualTo(segments.get(0).records());
    }

    @Test
    void damageToAnySegmentIsNamedWithTheChangesThatItHurts() throws IOException {
        Random random = new Random(SEED);
        for (Segment segment : segments) {
            Path file = temp.resolve("world/r").resolve(segment.object().key());
            byte[] good = Files.readAllBytes(file);
            byte[] flipped = good.clone();
            flipped[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);
            assertThat(problems(Level.BYTES))
                    .singleElement()
                    .asString()
                    .contains(segment.object().key(), "are hurt");
            Files.write(file, Arrays.copyOf(good, good.length - 1 - random.nextInt(good.length - 1)));
            assertThat(problems(Level.REFS))
                    .singleElement()
                    .asString()
                    .contains(segment.object().key());
            Files.delete(file);
            assertThat(problems(Level.REFS)).singleElement().asString().contains("gone");
            assertThat(problems(Level.RECORDS))
                    .singleElement()
                    .asString()
                    .contains(segment.object().key());
            Files.write(file, good);
        }
        assertThat(problems(Level.RECORDS)).isEmpty();
    }

    /** What rows were before is stored, in several objects. */
    private List<Completion> complete() {
        new CompleteOperation(
                        world.repository(),
                        temp.resolve("scratch"),
                        1 << 30,
                        new CompletionPolicy(0, 1, 4_000, 1_000),
                        BeforeValues.Limits.STANDARD,
                        Clock.systemUTC(),
                        ProgressListener.NONE)
                .complete(new CompleteRequest(HistoryWorld.TABLE, false, false));
        return JournalView.find(log()).orElseThrow().completions();
    }

    @Test
    void damageToWhatRowsWereBeforeIsNamedWithItsChanges() throws IOException {
        VerifyReport without = verify(Level.BYTES);
        List<Completion> completions = complete();
        assertThat(completions).hasSizeGreaterThan(2);
        assertThat(problems(Level.RECORDS)).isEmpty();
        assertThat(verify(Level.BYTES).objects())
                .isEqualTo(without.objects()
                        + completions.stream()
                                .mapToLong(one -> one.objects().size())
                                .sum());
        Random random = new Random(SEED);
        for (Completion completion : completions) {
            for (Completion.Part part : completion.objects()) {
                Path file = temp.resolve("world/r").resolve(part.object().key());
                byte[] good = Files.readAllBytes(file);
                byte[] flipped = good.clone();
                flipped[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, flipped);
                assertThat(problems(Level.BYTES))
                        .singleElement()
                        .asString()
                        .contains(
                                part.object().key(),
                                "before changes " + completion.firstNumber() + " to " + completion.lastNumber(),
                                "from backup " + completion.base());
                Files.delete(file);
                assertThat(problems(Level.REFS))
                        .singleElement()
                        .asString()
                        .contains(part.object().key(), "gone", "No restore needs it");
                Files.write(file, good);
            }
        }
    }

    @Test
    void damageToBeforeValuesThatNothingCanStoreAgainIsNoProblem() throws IOException {
        List<Completion> completions = complete();
        Completion first = completions.get(0);
        assertThat(first.lastNumber()).isGreaterThan(first.firstNumber());
        for (Completion completion : completions) {
            for (Completion.Part part : completion.objects()) {
                Files.delete(temp.resolve("world/r").resolve(part.object().key()));
            }
        }
        assertThat(problems(Level.REFS)).anyMatch(one -> one.contains(key(first)));
        JournalEntry newest = log().newest().orElseThrow();
        log().append(newest.upkeep(
                log().digestOf(newest.number()),
                Instant.EPOCH,
                "test",
                List.of(),
                new JournalEntry.Upkeep(
                        List.of(),
                        first.firstNumber(),
                        Optional.of(segments.get(0).firstMicros()))));
        assertThat(problems(Level.REFS))
                .as("its first record is no longer held")
                .isNotEmpty()
                .noneMatch(one -> one.contains(key(first)));
        for (String base : completions.stream().map(Completion::base).distinct().toList()) {
            world.repository()
                    .catalogue()
                    .append(new Change.Expire(base, "test"), new Author(1, "test", Instant.EPOCH));
        }
        assertThat(problems(Level.REFS)).as("no base is there any more").isEmpty();
    }

    private static String key(Completion completion) {
        return completion.objects().get(0).object().key();
    }

    @Test
    void beforeValuesThatAreNotWhatTheLogSaysAreFound() {
        Completion completion = complete().get(0);
        Completion.Part part = completion.objects().get(0);

        read(completion, part);
        for (Completion.Part other : List.of(
                new Completion.Part(part.object(), part.parts() + 1, part.firstToken(), part.lastToken()),
                new Completion.Part(part.object(), part.parts(), part.firstToken() + 1, part.lastToken()),
                new Completion.Part(part.object(), part.parts(), part.firstToken(), part.lastToken() - 1))) {
            assertThatThrownBy(() -> read(completion, other))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("the journal's log says");
        }
        assertThatThrownBy(() -> read(
                        new Completion(
                                completion.lastNumber() + 1,
                                completion.lastNumber() + 9,
                                completion.base(),
                                completion.objects()),
                        part))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("lists other records");
    }

    private void read(Completion completion, Completion.Part part) {
        BeforeCheck.read(world.repository().store(), completion, part, tableId, world::definition);
    }

    @Test
    void aDamagedLogIsNamed() throws IOException {
        Path entry;
        try (var entries = Files.list(temp.resolve("world/r").resolve(logOf(segments.get(0))))) {
            entry = entries.sorted().reduce((older, newer) -> newer).orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(entry);
        bytes[bytes.length / 2] ^= 4;
        Files.write(entry, bytes);

        assertThat(problems(Level.REFS)).singleElement().asString().contains("nothing of it can be restored");
    }

    @Test
    void theLossOfAnyEntryButTheNewestIsNamed() throws IOException {
        List<Path> entries;
        try (var all = Files.list(temp.resolve("world/r").resolve(logOf(segments.get(0))))) {
            entries = all.sorted().toList();
        }
        assertThat(entries).hasSizeGreaterThan(3);
        for (Path entry : entries.subList(0, entries.size() - 1)) {
            byte[] bytes = Files.readAllBytes(entry);
            Files.delete(entry);
            for (Level level : Level.values()) {
                assertThat(problems(level))
                        .as("%s, %s", entry, level)
                        .singleElement()
                        .asString()
                        .contains(entry.getFileName().toString(), "nothing of it can be restored")
                        .doesNotContain("protect");
            }
            Files.write(entry, bytes);
        }
        assertThat(problems(Level.REFS)).isEmpty();
    }

    private static String logOf(Segment segment) {
        String key = segment.object().key();
        return key.substring(0, key.indexOf("/segments/")) + "/log";
    }

    @Test
    void recordsThatAreNotWhatTheLogSaysAreFound() {
        Segment segment = segments.get(0);

        assertThat(SegmentCheck.records(
                        world.repository().store(), segment, tableId, world.definition(segment.schema())))
                .isEqualTo(segment.records());
        for (int field = 0; field < 8; field++) {
            Segment other = with(segment, field);
            assertThatThrownBy(() -> SegmentCheck.records(
                            world.repository().store(), other, tableId, world.definition(segment.schema())))
                    .as("field %d", field)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("the journal's log says");
        }
        assertThatThrownBy(() -> {
                    for (Segment one : segments) {
                        SegmentCheck.records(world.repository().store(), one, tableId, world.definition(1));
                    }
                })
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("has a damaged record");
    }

    /** The same but for one number. */
    private static Segment with(Segment segment, int field) {
        long[] numbers = {
            segment.records(),
            segment.bytes(),
            segment.firstNumber(),
            segment.lastNumber(),
            segment.firstMicros(),
            segment.lastMicros(),
            segment.firstToken(),
            segment.lastToken()
        };
        numbers[field]++;
        return new Segment(
                segment.object(),
                segment.schema(),
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7]);
    }

    @Test
    void numbersThatAreInNoSegmentAreFound() {
        JournalEntry newest = log().newest().orElseThrow();
        log().append(newest.upkeep(
                log().digestOf(newest.number()),
                Instant.EPOCH,
                "test",
                List.of(),
                new JournalEntry.Upkeep(List.of(segments.get(1).object().key()), 0, Optional.empty())));

        assertThat(problems(Level.REFS))
                .singleElement()
                .asString()
                .containsAnyOf("are in no segment", "its segments hold", "its segments end with");
    }

    @Test
    void theJournalOfATableThatWasProtectedIsReadToo() throws IOException {
        world.repository()
                .catalogue()
                .append(
                        new Change.Unprotect(
                                new CatalogueEntry.Protection("prod", HistoryWorld.TABLE, HistoryWorld.TABLE_ID), ""),
                        new Author(1, "test", Instant.parse("2026-11-23T04:00:00Z")));
        assertThat(problems(Level.RECORDS)).isEmpty();
        Files.delete(temp.resolve("world/r").resolve(segments.get(0).object().key()));

        assertThat(verify(Level.REFS).journals()).containsExactly(HistoryWorld.TABLE);
        assertThat(problems(Level.REFS)).singleElement().asString().contains("gone");
    }
}
