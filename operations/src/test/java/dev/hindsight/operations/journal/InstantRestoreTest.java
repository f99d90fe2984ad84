package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.KeyRecords;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.operations.restore.InstantPart;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** From which base, with which records and which schema, a table is restored to an instant. */
class InstantRestoreTest extends InstantRig {
    @Test
    void theNewestBackupThatIsNotLaterIsTakenWithTheRecordsFromItsSnapshotsOn() throws Exception {
        backup("b1", 100);
        backup("b2", 200);
        seal(1, 300, List.of(1, 95, 105, 150, 195, 250), List.of(), whole(0, 299));

        RestoreRequest restore = at(160);
        assertThat(restore.from()).isEqualTo("b1");
        InstantPart.Records records = records(restore);
        assertThat(records.journal().firstNumber())
                .as("snapshots were asked for at 98, a write may take 10")
                .isEqualTo(2);
        assertThat(records.journal().lastNumber()).isEqualTo(4);
        assertThat(records.count()).isEqualTo(3);
        assertThat(records.journal().alone()).isFalse();
        assertThat(at(150).instant()).isEqualTo(at(150).instant());

        assertThat(at(199).from()).isEqualTo("b1");
        assertThat(at(200).from()).isEqualTo("b2");
        assertThat(records(at(299)).journal().lastNumber()).isEqualTo(6);
    }

    @Test
    void aRebaseIsABaseFromWhereItsSourceWas() throws Exception {
        backup("b1", 100);
        rebase("r1", "b1", 100, 280);
        seal(1, 300, List.of(1, 95, 105, 150, 195, 250), List.of(), whole(0, 299));

        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::from, WindowReport.Span::base)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(second(100), "r1"));
        assertThat(at(160).from()).isEqualTo("r1");
        assertThat(records(at(160)).journal().firstNumber()).isEqualTo(2);
    }

    @Test
    void outsideOfTheWindowIsRefusedWithTheNearestInstants() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));

        assertThatThrownBy(() -> at(99))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("the nearest after is 2026-11-23T03:01:40Z");
        assertThatThrownBy(() -> at(300))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("the nearest before is 2026-11-23T03:04:59.999999Z");
        WindowReport window = window(Optional.of(second(300)));
        assertThat(window.spans()).hasSize(1);
        assertThat(window.spans().get(0).guarantee()).isEqualTo("ONE");
        assertThat(window.asked().orElseThrow().span()).isEmpty();
        assertThat(window.asked().orElseThrow().before()).contains(second(300).minusNanos(1000));
        assertThat(window.records()).isEqualTo(1);
    }

    @Test
    void withoutAJournalOrABaseNothingCanBeRestored() throws Exception {
        assertThat(window(Optional.empty()).spans()).isEmpty();
        backup("b1", 100);
        assertThatThrownBy(() -> at(100))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("no instant of it can be restored yet");
        assertThatThrownBy(() -> new InstantRestore(repository, "prod")
                        .at(request(List.of(USERS), Optional.empty()), second(100)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("shop.users is not protected");
    }

    @Test
    void afterATruncationNothingOfTheBackupCounts() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(150, 250),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(200), 1, HOSTS.get(0))),
                whole(0, 299));

        assertThat(records(at(199)).journal().alone()).isFalse();
        RestorePlan.Journal after = records(at(260)).journal();
        assertThat(after.alone()).isTrue();
        assertThat(after.firstNumber()).isEqualTo(2);
        assertThat(after.lastNumber()).isEqualTo(2);
        assertThat(records(at(210)).count()).isZero();
    }

    @Test
    void aTruncationBeforeTheBackupTakesNothingFromItButItsOldRecordsAreLeftOut() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(92, 96, 150),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(94), 1, HOSTS.get(0))),
                whole(0, 299));

        RestorePlan.Journal journal = records(at(200)).journal();
        assertThat(journal.alone()).isFalse();
        assertThat(journal.firstNumber()).isEqualTo(2);
        assertThat(journal.lastNumber()).isEqualTo(3);
    }

    @Test
    void aHistoryKeepsWhatABackupHasThatBeganBehindATruncation() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(92, 93),
                List.of(
                        new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(94), 2, HOSTS.get(0)),
                        new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(150), 2, HOSTS.get(0))),
                whole(0, 299));
        TableEvidence table = TableEvidence.read(
                repository, ProtectedTable.find(repository.catalogue().view(), ORDERS));
        BackupManifest base = Optional.ofNullable(table.manifests().get("b1")).orElseThrow();
        HistoryKey key = new HistoryKey(table, "id=1", micros(200), KeyHistory.Limits.STANDARD);

        for (int to : List.of(140, 200)) {
            KeyHistory state = key.empty(1);
            HistorySection section = new HistorySection(
                    key,
                    new HistoryPlan.Section(micros(100), micros(to), "b1"),
                    new HistoryStart(state, 1, table.recordsFromMicros(base), TableEvidence.began(base)),
                    Optional.empty(),
                    new HistoryEntries(10, HistoryRequest.USUAL_BYTES));
            section.run(new KeyRecords(
                    repository.store(),
                    id(ORDERS),
                    key.bytes(),
                    List.of(),
                    0,
                    micros(to),
                    key::definition,
                    done -> {}));
            assertThat(section.history() == state).as("%d", to).isEqualTo(to == 140);
        }
    }

    @Test
    void ofTwoTruncationsTheOneBehindMoreRecordsCountsWhateverTheClocksSay() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(120, 150, 200),
                List.of(
                        new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(160), 2, HOSTS.get(0)),
                        new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(165), 1, HOSTS.get(1))),
                whole(0, 299));

        assertThat(records(at(250)).journal().firstNumber()).isEqualTo(3);
        assertThat(records(at(250)).journal().alone()).isTrue();
    }

    @Test
    void aBackupThatBeganWhileTheTableWasTruncatedIsNoBase() throws Exception {
        backup("b1", 50);
        backup("b2", 100);
        long during = micros(98) - 300_000;
        seal(
                1,
                300,
                List.of(150),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, during, 0, HOSTS.get(0))),
                whole(0, 299));

        assertThat(at(200).from()).isEqualTo("b1");
        assertThat(records(at(200)).journal().alone()).isTrue();
        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::base)
                .containsOnly("b1");
    }

    @Test
    void theSchemaIsThatOfTheInstant() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));

        assertThat(ddl(at(180))).isEqualTo(OLD);
        assertThat(ddl(at(260))).isEqualTo(NEW);
        RestorePlan.Journal journal = records(at(260)).journal();
        assertThat(journal.schemas()).extracting(RestorePlan.Schema::ddl).containsExactly(OLD, NEW);
        assertThat(journal.schema()).isEqualTo(1);
        assertThat(journal.segments()).extracting(RestorePlan.Segment::schema).containsExactly(0);
    }

    @Test
    void ofSeveralTablesTheBackupIsTakenWithWhichEachIsAsSureAsItsWindowSays() throws Exception {
        backup("b1", 100);
        backup("b2", 150);
        backedUp = List.of(ORDERS);
        backup("b3", 170);
        seal(1, 300, List.of(250), List.of(), whole(0, 299));
        turnTo(USERS);
        seal(1, 300, List.of(250), List.of(), whole(0, 299));

        RestoreRequest both = together(220);

        assertThat(both.from()).isEqualTo("b2");
        assertThat(both.instant().orElseThrow().notes()).isEmpty();
        assertThat(both.instant().orElseThrow().records().values())
                .extracting(InstantPart.Records::guarantee)
                .containsExactly(Guarantee.ONE, Guarantee.ONE);
    }

    @Test
    void aTableThatWouldBeSurerByItselfIsTold() throws Exception {
        backup("b1", 100);
        backedUp = List.of(ORDERS);
        backup("b3", 200);
        List<JournalEntry.Whole> hole = Stream.concat(
                        Stream.concat(whole(0, 120).stream(), whole(HOSTS.get(0), 121, 299).stream()),
                        whole(HOSTS.get(1), 170, 299).stream())
                .toList();
        seal(1, 300, List.of(250), List.of(), hole);
        turnTo(USERS);
        seal(1, 300, List.of(250), List.of(), whole(0, 299));

        RestoreRequest both = together(220);

        assertThat(both.from()).isEqualTo("b1");
        assertThat(records(both).guarantee()).isEqualTo(Guarantee.QUORUM);
        assertThat(both.instant().orElseThrow().notes())
                .singleElement()
                .asString()
                .contains("table shop.orders by itself would be surer", "hindsight window shop.orders --at");
        assertThat(records(at(220)).guarantee()).isEqualTo(Guarantee.ONE);
    }

    private RestoreRequest together(long second) {
        return new InstantRestore(repository, "prod")
                .at(request(List.of(ORDERS, USERS), Optional.empty()), second(second));
    }

    /** Whatever its bases have: those that are taken by themselves have the protected tables alone. */
    @Test
    void aKeyspaceIsRestoredAsAWholeOrNotAtAll() throws Exception {
        backedUp = List.of(ORDERS);
        neighbours = List.of(OLD.replace("orders", "users"));
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));

        assertThatThrownBy(() -> keyspace(180))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("not protected are [shop.users]");

        turnTo(USERS);
        neighbours = List.of(OLD);
        backedUp = List.of(ORDERS, USERS);
        backup("b2", 200);
        seal(1, 300, List.of(250), List.of(), whole(190, 299));
        assertThat(keyspace(220).instant().orElseThrow().records()).containsOnlyKeys(ORDERS, USERS);
        assertThatThrownBy(() -> keyspace(180))
                .as("users was there, and was not protected yet")
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("shop.users cannot be restored")
                .hasMessageContaining("the nearest after is " + second(200));
    }

    @Test
    void aTableThatThereWasNotIsNoPartOfItsKeyspaceThen() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        turnTo(USERS);
        neighbours = List.of(OLD);
        seal(
                1,
                300,
                List.of(120),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.DROP, micros(170), 1, HOSTS.get(0))),
                whole(0, 299));

        RestoreRequest restore = keyspace(180);

        assertThat(restore.instant().orElseThrow().records()).containsOnlyKeys(ORDERS);
        assertThat(restore.instant().orElseThrow().schema().get(0).elements())
                .extracting(SchemaElement::name)
                .containsExactly("orders");
        assertThat(keyspace(160).instant().orElseThrow().records()).containsOnlyKeys(ORDERS, USERS);
    }

    private RestoreRequest keyspace(long second) {
        return new InstantRestore(repository, "prod").at(request(List.of(), Optional.of("shop")), second(second));
    }

    @Test
    void beforeItWasDroppedATableCanBeRestoredAlsoWhenAnotherOneHasItsName() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(150, 160),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.DROP, micros(200), 2, HOSTS.get(0))),
                whole(0, 299));
        UUID dropped = id(ORDERS);
        createAgain(ORDERS, 320);
        backup("b2", 350);
        seal(1, 400, List.of(360), List.of(), whole(330, 399));

        assertThat(at(155).from()).isEqualTo("b1");
        assertThat(records(at(155)).count()).isEqualTo(1);
        assertThat(at(155).instant().orElseThrow().notes())
                .singleElement()
                .asString()
                .contains("dropped since");
        assertThat(at(370).from()).isEqualTo("b2");
        assertThat(at(370).instant().orElseThrow().notes()).isEmpty();
        assertThatThrownBy(() -> at(250)).isInstanceOfSatisfying(TimeNotRestorableException.class, e -> {
            assertThat(e.nearestBefore()).contains(second(200).minusNanos(1000));
            assertThat(e.nearestAfter()).contains(second(350));
        });
        assertThat(window(Optional.of(second(155))).tableId()).isEqualTo(dropped);
        assertThat(window(Optional.of(second(250))).tableId()).isEqualTo(id(ORDERS));
        assertThat(window(Optional.empty()).notes())
                .singleElement()
                .asString()
                .contains(dropped.toString(), second(100) + " to " + second(200).minusNanos(1000));
        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::base)
                .containsOnly("b2");
    }

    /** Its node was not looked at for a while, so that instants are as early as that. */
    @Test
    void recordsWhoseInstantsMayBeEarlierThanTheyWereWrittenAreAppliedToo() throws Exception {
        spread = Optional.of(40_000_000L);
        backup("b1", 100);
        seal(1, 300, List.of(1, 50, 95, 150), List.of(), whole(0, 299));

        assertThat(records(at(160)).journal().firstNumber())
                .as("88, less 40 and the sync of a log")
                .isEqualTo(2);
        collected(60);
        assertThat(records(at(160)).journal().firstNumber())
                .as("what was not needed by what was known then")
                .isEqualTo(3);
        collected(90);
        assertThatThrownBy(() -> at(160)).isInstanceOf(PreconditionFailedException.class);
    }

    /** As if all up to there had been let go of. */
    private void collected(long second) {
        JournalView view = JournalView.find(log).orElseThrow();
        JournalEntry newest = view.newest();
        log.append(newest.upkeep(
                log.digestOf(newest.number()),
                START,
                "test",
                List.of(),
                new JournalEntry.Upkeep(List.of(), second < 90 ? 2 : 3, Optional.of(micros(second)))));
    }

    @Test
    void aBackupThatLacksAReplicaTakesWhatOnlyThatReplicaHadFromTheJournal() throws Exception {
        degraded = true;
        backup("b1", 50_000);
        seal(1, 50_100, List.of(5_000, 40_000, 49_900, 50_050), List.of(), whole(0, 50_099));
        assertThat(records(at(50_060)).journal().firstNumber()).isEqualTo(2);

        degraded = false;
        backup("b2", 50_001);
        assertThat(records(at(50_060)).journal().firstNumber()).isEqualTo(4);
    }

    @Test
    void anIndexOnAColumnThatThereWasNotIsLeftOut() throws Exception {
        besides = Stream.of("a", "b")
                .map(column -> new SchemaElement(
                        SchemaElement.Kind.INDEX,
                        "by_" + column,
                        "orders",
                        "CREATE INDEX by_" + column + " ON shop.orders (values(" + column + "));"))
                .toList();
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));

        InstantPart before = at(180).instant().orElseThrow();
        assertThat(before.schema().get(0).elements())
                .extracting(SchemaElement::name)
                .contains("by_a");
        assertThat(before.schema().get(0).elements())
                .extracting(SchemaElement::name)
                .doesNotContain("by_b");
        assertThat(before.notes()).singleElement().asString().contains("index by_b");
        InstantPart after = at(260).instant().orElseThrow();
        assertThat(after.schema().get(0).elements())
                .extracting(SchemaElement::name)
                .contains("by_a", "by_b");
        assertThat(after.notes()).isEmpty();
    }

    /** Of one interval of observation both: the ALTER has its own instant, a write with an old timestamp the earliest. */
    @Test
    void aRecordOfAColumnThatIsAddedABitLaterBringsTheColumn() throws Exception {
        recordsOf = 2;
        backup("b1", 100);
        seal(1, 300, List.of(190, 250), List.of(), whole(0, 299));

        assertThat(ddl(at(180))).isEqualTo(OLD);
        assertThat(ddl(at(195))).isEqualTo(NEW);
    }
}
