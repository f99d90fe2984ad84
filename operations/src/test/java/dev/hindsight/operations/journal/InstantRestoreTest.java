package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.KeyRecords;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.restore.InstantPart;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository made by hand: two nodes, both replicas of everything; time counts in seconds from {@link #START}. */
class InstantRestoreTest {
    private static final Instant START = Instant.parse("2026-11-23T03:00:00Z");
    private static final TableName ORDERS = new TableName("shop", "orders");
    private static final TableName USERS = new TableName("shop", "users");
    private static final List<UUID> HOSTS = List.of(new UUID(1, 1), new UUID(1, 2));
    private static final Map<String, String> REPLICATION = Map.of("class", "NetworkTopologyStrategy", "dc1", "2");
    private static final String OLD = "CREATE TABLE shop.orders (id int PRIMARY KEY, a int);";
    private static final String NEW = "CREATE TABLE shop.orders (id int PRIMARY KEY, a int, b int);";

    @TempDir
    private Path directory;

    private Repository repository;
    private JournalLog log;
    /** Of each node, what its address begins with. */
    private List<String> networks = List.of("127.0.0.", "127.0.0.");

    @BeforeEach
    void protect() {
        repository = Repository.init(DirectoryStore.create(directory.resolve("r")), Clock.fixed(START, ZoneOffset.UTC));
        repository.catalogue().append(new Change.Protect(protection(ORDERS), ""), author());
        log = new JournalLog(repository.store(), ORDERS, id(ORDERS));
    }

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
    void aBackupOfACopyOfTheClusterIsNoBase() throws Exception {
        backup("b1", 100);
        networks = List.of("10.0.0.", "10.0.0.");
        backup("copy1", 150);
        backup("copy2", 170);
        networks = List.of("127.0.0.", "127.0.1.");
        backup("b2", 200);
        seal(1, 300, List.of(1, 95, 105, 150, 195, 250), List.of(), whole(0, 299));

        assertThat(at(199).from()).isEqualTo("b1");
        assertThat(at(299).from()).isEqualTo("b2");
        WindowReport window = window(Optional.empty());
        assertThat(window.spans()).extracting(WindowReport.Span::base).containsExactly("b1", "b2");
        assertThat(window.notes())
                .anyMatch(note -> note.contains("backups copy1, copy2 left out")
                        && note.contains("hindsight protect shop.orders"));

        networks = List.of("127.0.2.", "127.0.1.");
        backup("b3", 250);
        assertThat(at(299).from()).as("moved node by node").isEqualTo("b3");
        Manifests known = new Manifests(repository);
        ProtectedTable table = ProtectedTable.find(repository.catalogue().view(), ORDERS);
        assertThat(TableBases.read(repository.catalogue().view(), table, known).newest())
                .map(BackupManifest::id)
                .contains("b3");
    }

    @Test
    void whichOfTwoClustersWasProtectedIsNotGuessed() throws Exception {
        backup("b1", 100);
        networks = List.of("10.0.0.", "10.0.0.");
        backup("copy", 150);
        networks = List.of("127.0.0.", "127.0.0.");
        backup("b2", 200);
        expire("b1");
        seal(1, 300, List.of(1, 95, 105, 150, 195, 250), List.of(), whole(0, 299));

        assertThat(window(Optional.empty()).spans()).isEmpty();
        assertThat(window(Optional.empty()).notes()).anyMatch(note -> note.contains("which of them was protected"));
        Author later = new Author(1, "test", second(210));
        repository.catalogue().append(new Change.Unprotect(protection(ORDERS), ""), later);
        repository.catalogue().append(new Change.Protect(protection(ORDERS), ""), later);
        backup("b3", 250);
        assertThat(window(Optional.empty()).notes()).anyMatch(note -> note.contains("backup copy left out"));
        assertThat(at(220).from()).isEqualTo("b2");
    }

    @Test
    void manifestsAreReadOnceAndForgottenWithTheirBackups() throws Exception {
        backup("b1", 100);
        backup("b2", 200);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        Manifests known = new Manifests(repository);
        WindowOperation windows = new WindowOperation(repository, Clock.fixed(second(400), ZoneOffset.UTC), known);
        WindowReport first = windows.window(ORDERS, Optional.empty());
        assertThat(first).isEqualTo(window(Optional.empty()));

        repository.store().delete(Keys.backupManifest("b1"));
        assertThat(windows.window(ORDERS, Optional.empty())).isEqualTo(first);
        expire("b2");
        assertThat(windows.window(ORDERS, Optional.empty()).spans())
                .extracting(WindowReport.Span::base)
                .containsExactly("b1");
        assertThat(window(Optional.empty()).spans()).as("read anew").isEmpty();
    }

    private void expire(String backup) {
        repository.catalogue().append(new Change.Expire(backup, ""), new Author(1, "test", second(300)));
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
        assertThatThrownBy(
                        () -> new InstantRestore(repository).at(request(List.of(USERS), Optional.empty()), second(100)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("shop.users is not protected");
    }

    @Test
    void aHoleInACaptureIsSeenInTheGuaranteeAndInTheWindow() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(150),
                List.of(),
                Stream.concat(whole(0, 120).stream(), whole(HOSTS.get(0), 121, 299).stream())
                        .toList());

        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::guarantee)
                .containsExactly("ONE", "QUORUM");
    }

    @Test
    void whatComesAfterAnInstantWasSealedRaisesNoGuaranteeOfIt() throws Exception {
        backup("b1", 100);
        seal(
                1,
                300,
                List.of(150),
                List.of(),
                Stream.concat(whole(0, 120).stream(), whole(HOSTS.get(0), 121, 299).stream())
                        .toList());
        seal(
                2,
                400,
                Stream.concat(whole(HOSTS.get(1), 121, 399).stream(), whole(HOSTS.get(0), 300, 399).stream())
                        .toList(),
                Optional.empty());

        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::from, WindowReport.Span::guarantee)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(second(100), "ONE"),
                        org.assertj.core.groups.Tuple.tuple(second(121), "QUORUM"),
                        org.assertj.core.groups.Tuple.tuple(second(300), "ONE"));
    }

    @Test
    void aChangeOfReplicasClosesTheWindowWhereItWasSeenLastUntilABackupBehindIt() throws Exception {
        backup("b1", 100);
        String digest = OwnersSurvey.digest(ring(), Replication.parse(REPLICATION));
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        seal(2, 310, whole(300, 309), Optional.of(new JournalEntry.Owners(digest, micros(305), 100_000)));
        assertThat(window(Optional.empty()).notes()).isEmpty();
        seal(3, 400, whole(310, 399), Optional.of(new JournalEntry.Owners("another", micros(390), 100_000)));

        WindowReport closed = window(Optional.empty());
        assertThat(closed.spans()).hasSize(1);
        assertThat(closed.spans().get(0).to()).isEqualTo(second(305));
        assertThat(closed.spans().get(0).uncertaintySeconds()).isEqualTo(10.0);
        assertThat(closed.notes()).hasSize(1).first().asString().contains("take a base with 'hindsight backup");
        assertThatThrownBy(() -> at(350)).isInstanceOf(TimeNotRestorableException.class);

        backup("b2", 420);
        seal(4, 500, whole(400, 499), Optional.of(new JournalEntry.Owners(digest, micros(495), 100_000)));
        WindowReport again = window(Optional.of(second(450)));
        assertThat(again.spans())
                .extracting(WindowReport.Span::base, WindowReport.Span::from)
                .contains(org.assertj.core.groups.Tuple.tuple("b2", second(420)));
        assertThat(again.asked().orElseThrow().span().orElseThrow().uncertaintySeconds())
                .isEqualTo(0.1);
    }

    /** It may have held the table, and seen another ring: what it saw counts as seen, and as something else. */
    @Test
    void aDamagedBackupIsLeftOutAndClosesTheWindowAroundItUntilTheNextBase() throws Exception {
        String digest = OwnersSurvey.digest(ring(), Replication.parse(REPLICATION));
        backup("b1", 100);
        backup("20261123T030320Z-0002", 203);
        backup("b3", 320);
        seal(1, 180, List.of(150), List.of(), whole(0, 179));
        seal(2, 190, whole(180, 189), Optional.of(new JournalEntry.Owners(digest, micros(185), 100_000)));
        seal(3, 400, whole(190, 399), Optional.of(new JournalEntry.Owners(digest, micros(395), 100_000)));
        assertThat(at(250).from()).isEqualTo("20261123T030320Z-0002");

        for (boolean missing : List.of(false, true)) {
            Path manifest = directory.resolve("r/backups/20261123T030320Z-0002/manifest.json");
            if (missing) {
                Files.delete(manifest);
            } else {
                Files.writeString(manifest, "{}");
            }
            WindowReport window = window(Optional.empty());
            assertThat(window.spans())
                    .extracting(WindowReport.Span::from, WindowReport.Span::to)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(second(100), second(185)),
                            org.assertj.core.groups.Tuple.tuple(
                                    second(320), second(400).minusNanos(1000)));
            assertThat(window.notes().get(0)).contains("backup 20261123T030320Z-0002 was left out", "hindsight verify");
            assertThat(window.notes().get(1)).contains("a damaged backup leaves open who replicated the table");
            assertThat(at(160).from()).isEqualTo("b1");
            assertThat(at(350).from()).isEqualTo("b3");
            assertThatThrownBy(() -> at(250)).isInstanceOf(TimeNotRestorableException.class);
        }
    }

    @Test
    void aDamagedRebaseTakesNothingFromTheWindowOfItsSource() throws Exception {
        backup("b1", 100);
        rebase("r1", "b1", 100, 280);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        Files.delete(directory.resolve("r/backups/r1/manifest.json"));
        WindowReport window = window(Optional.empty());
        assertThat(window.spans())
                .extracting(WindowReport.Span::base, WindowReport.Span::to)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("b1", second(300).minusNanos(1000)));
        assertThat(window.notes()).noneMatch(note -> note.contains("leaves open"));
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
    void aTruncationThatCameTooLateEndsTheWindow() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        JournalEntry before = log.entry(1);
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                2,
                log.digestOf(1),
                START,
                "test",
                ORDERS,
                id(ORDERS),
                micros(310),
                before.lastNumber(),
                before.schemas(),
                List.of(),
                List.of(),
                List.of(),
                whole(300, 309),
                List.of(),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros(200), 1, HOSTS.get(0))),
                Optional.of("a TRUNCATE came too late")));

        WindowReport window = window(Optional.empty());
        assertThat(window.spans()).hasSize(1);
        assertThat(window.spans().get(0).to()).isEqualTo(second(200).minusNanos(1000));
        assertThat(window.ended()).contains("a TRUNCATE came too late");
        assertThatThrownBy(() -> at(250)).isInstanceOf(TimeNotRestorableException.class);
    }

    /** On one of two nodes: a hole in its log would only weaken the guarantee. */
    @Test
    void dataFromOutsideEndTheWindowUntilABackupBehindThem() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        JournalEntry before = log.entry(1);
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                2,
                log.digestOf(1),
                START,
                "test",
                ORDERS,
                id(ORDERS),
                micros(400),
                before.lastNumber(),
                before.schemas(),
                List.of(),
                List.of(),
                List.of(),
                whole(300, 399),
                List.of(
                        new JournalEntry.Gap(HOSTS.get(0), micros(250), micros(261), "an import", Optional.of(true)),
                        new JournalEntry.Gap(HOSTS.get(0), micros(250), micros(270), "an import", Optional.of(true))),
                List.of(),
                Optional.empty()));

        WindowReport window = window(Optional.empty());
        assertThat(window.spans()).hasSize(1);
        assertThat(window.spans().get(0).to()).isEqualTo(second(250).minusNanos(1000));
        assertThat(window.gaps()).extracting(WindowReport.Gap::cause).containsOnly("an import");
        assertThat(window.notes().stream().filter(note -> note.contains("outside")))
                .singleElement()
                .asString()
                .contains(second(250).toString(), second(270).toString(), "an import", "hindsight backup --table");
        assertThatThrownBy(() -> at(260))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining(second(250).minusNanos(1000).toString());

        backup("b2", 269);
        assertThatThrownBy(() -> at(290)).as("a base while they came").isInstanceOf(TimeNotRestorableException.class);
        backup("b3", 280);
        assertThat(at(290).from()).isEqualTo("b3");
        assertThat(at(240).from()).isEqualTo("b1");
        assertThatThrownBy(() -> at(260)).isInstanceOf(TimeNotRestorableException.class);
        assertThat(window(Optional.empty()).notes()).noneMatch(note -> note.contains("outside"));
        assertThat(window(Optional.empty()).spans())
                .allSatisfy(span -> assertThat(span.guarantee()).isEqualTo("ONE"));
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
    void aKeyspaceIsRestoredAsAWholeOrNotAtAll() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));
        RestoreRequest keyspace = request(List.of(), Optional.of("shop"));

        assertThatThrownBy(() -> new InstantRestore(repository).at(keyspace, second(180)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("not protected are [shop.users]");
    }

    private RestoreRequest at(long second) {
        return new InstantRestore(repository).at(request(List.of(ORDERS), Optional.empty()), second(second));
    }

    private static RestoreRequest request(List<TableName> tables, Optional<String> keyspace) {
        return new RestoreRequest(
                "", keyspace, Optional.empty(), tables, Optional.empty(), Optional.empty(), RestoreRequest.Ttl.KEEP);
    }

    private static InstantPart.Records records(RestoreRequest request) {
        return Optional.ofNullable(request.instant().orElseThrow().records().get(ORDERS))
                .orElseThrow();
    }

    private static String ddl(RestoreRequest request) {
        return request.instant().orElseThrow().schema().get(0).elements().stream()
                .filter(element -> element.name().equals("orders"))
                .map(SchemaElement::ddl)
                .findFirst()
                .orElseThrow();
    }

    private WindowReport window(Optional<Instant> at) {
        return new WindowOperation(repository, Clock.fixed(second(400), ZoneOffset.UTC)).window(ORDERS, at);
    }

    /** Snapshots were asked for 2 s before the restore point. */
    private void backup(String name, long second) {
        publish(name, BackupManifest.Kind.FULL, Optional.empty(), second, second - 2);
    }

    /** Of a backup at {@code second}, made later. */
    private void rebase(String name, String of, long second, long made) {
        publish(name, BackupManifest.Kind.REBASE, Optional.of(of), second, made);
    }

    private void publish(String name, BackupManifest.Kind kind, Optional<String> of, long second, long began) {
        Ring ring = ring();
        ObjectRef plan = new ObjectRef("backups/" + name + "/plan.json", 1, Digests.of(new byte[1]));
        BackupManifest manifest = new BackupManifest(
                BackupManifest.FORMAT,
                name,
                kind,
                Optional.empty(),
                BackupManifest.State.COMPLETE,
                second(began),
                second(began + 7),
                second(second),
                "test",
                ring,
                HOSTS.stream()
                        .map(host -> new BackupManifest.NodeSnapshot(
                                host, "", Optional.of(second(second - 1)), "", Optional.of(second(second - 2))))
                        .toList(),
                List.of(new KeyspaceSchema(
                        "shop",
                        REPLICATION,
                        true,
                        Stream.of(ORDERS, USERS)
                                .map(table -> new SchemaElement(
                                        SchemaElement.Kind.TABLE,
                                        table.table(),
                                        "",
                                        OLD.replace("orders", table.table())))
                                .toList(),
                        Stream.of(ORDERS, USERS)
                                .map(table -> new TableFacts(table, id(table), 864000, false, false))
                                .toList())),
                Stream.of(ORDERS, USERS)
                        .map(table -> new BackupManifest.Table(
                                table,
                                id(table),
                                List.of(),
                                List.of(new BackupManifest.Coverage(TokenRange.FULL, HOSTS, List.of()))))
                        .toList(),
                plan,
                new BackupManifest.Totals(0, 0, 0, 0, 0, 0, 0, 0),
                of,
                Optional.empty());
        repository.publish(manifest, new Author(1, "test", second(began + 7)));
    }

    private Ring ring() {
        return new Ring("prod", Ring.MURMUR3, List.of(node(0, -100L), node(1, 100L)));
    }

    private Node node(int host, long token) {
        return new Node(HOSTS.get(host), networks.get(host) + host, "dc1", "r" + host, List.of(token), "5.0.9", true);
    }

    /** One entry with records at these seconds, and from second 200 on a second version of the schema. */
    private void seal(
            long number,
            long watermark,
            List<Integer> seconds,
            List<JournalEntry.Event> events,
            List<JournalEntry.Whole> whole)
            throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        UUID segment = new UUID(3, number);
        JournalSegmentWriter writer = new JournalSegmentWriter(bytes, id(ORDERS), segment, 1, 0);
        for (int i = 0; i < seconds.size(); i++) {
            long at = micros(seconds.get(i));
            writer.add(
                    new ChangeRecord(
                            i + 1,
                            at,
                            new Observation(at, at),
                            false,
                            at,
                            new ContentDigest(0, i),
                            List.of(new Origin(HOSTS.get(0), new LogPosition(1, i + 1)))),
                    i,
                    8,
                    new byte[30],
                    0,
                    30,
                    17,
                    4);
        }
        writer.finish();
        String key = Keys.journalSegment(ORDERS, id(ORDERS), segment);
        repository.store().putIfAbsent(key, Body.of(bytes.toByteArray()));
        int last = seconds.size();
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                START,
                "test",
                ORDERS,
                id(ORDERS),
                micros(watermark),
                last,
                List.of(
                        new JournalEntry.SchemaVersion(1, 0, number),
                        new JournalEntry.SchemaVersion(2, micros(200), number)),
                IntStream.of(1, 2)
                        .mapToObj(version ->
                                new JournalEntry.Definition(version, List.of(), version == 1 ? OLD : NEW, List.of()))
                        .toList(),
                List.of(new JournalEntry.Segment(
                        new ObjectRef(key, bytes.size(), Digests.of(bytes.toByteArray())),
                        1,
                        last,
                        30L * last,
                        1,
                        last,
                        micros(seconds.get(0)),
                        micros(seconds.get(last - 1)),
                        0,
                        last - 1)),
                List.of(),
                whole,
                List.of(),
                events,
                Optional.empty()));
    }

    /** One more entry, without records. */
    private void seal(
            long number, long watermark, List<JournalEntry.Whole> whole, Optional<JournalEntry.Owners> owners) {
        JournalEntry before = log.entry(number - 1);
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                START,
                "test",
                ORDERS,
                id(ORDERS),
                micros(watermark),
                before.lastNumber(),
                Optional.empty(),
                before.schemas(),
                List.of(),
                List.of(),
                List.of(),
                whole,
                List.of(),
                List.of(),
                Optional.empty(),
                owners,
                Optional.empty()));
    }

    private static List<JournalEntry.Whole> whole(long from, long to) {
        return HOSTS.stream().flatMap(host -> whole(host, from, to).stream()).toList();
    }

    private static List<JournalEntry.Whole> whole(UUID host, long from, long to) {
        return List.of(new JournalEntry.Whole(host, micros(from), micros(to + 1) - 1));
    }

    private static CatalogueEntry.Protection protection(TableName table) {
        return new CatalogueEntry.Protection("prod", table, id(table));
    }

    private static UUID id(TableName table) {
        return new UUID(5, table.table().length());
    }

    private static Author author() {
        return new Author(1, "test", START);
    }

    private static Instant second(long second) {
        return START.plusSeconds(second);
    }

    private static long micros(long second) {
        return Micros.of(second(second));
    }
}
