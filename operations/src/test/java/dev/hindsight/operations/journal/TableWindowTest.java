package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.layout.Keys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which instants of a table can be restored, and what each surely holds. */
class TableWindowTest extends InstantRig {
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
    void aBackupOfAKeyspaceWithoutDurableWritesIsNoBaseAndEndsTheWindowBeforeIt() throws Exception {
        backup("b1", 100);
        durable = false;
        backup("b2", 150);
        durable = true;
        backup("b3", 200);
        seal(1, 300, List.of(250), List.of(), whole(0, 299));

        assertThat(window(Optional.empty()).spans())
                .extracting(WindowReport.Span::base, WindowReport.Span::from)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("b1", second(100)),
                        org.assertj.core.groups.Tuple.tuple("b3", second(200)));
        assertThat(window(Optional.of(second(148))).asked().orElseThrow().span())
                .isEmpty();
        assertThat(window(Optional.empty()).notes())
                .anyMatch(note -> note.contains("backup b2 is no base: keyspace shop had durable_writes = false")
                        && note.contains("ALTER KEYSPACE \"shop\" WITH durable_writes = true"));
    }

    @Test
    void instantsFarAwayAreAnsweredAsAnyOutsideOfTheWindow() throws Exception {
        backup("b1", 100);
        seal(1, 300, List.of(150), List.of(), whole(0, 299));

        WindowReport.Asked late = window(Optional.of(Instant.parse("9999-12-31T23:59:59Z")))
                .asked()
                .orElseThrow();
        WindowReport.Asked early = window(Optional.of(Instant.parse("0001-01-01T00:00:00Z")))
                .asked()
                .orElseThrow();

        assertThat(late.span()).isEmpty();
        assertThat(late.before()).isPresent();
        assertThat(late.after()).isEmpty();
        assertThat(early.span()).isEmpty();
        assertThat(early.before()).isEmpty();
        assertThat(early.after()).contains(second(100));
        assertThatThrownBy(() -> new InstantRestore(repository, "prod")
                        .at(request(List.of(ORDERS), Optional.empty()), early.at()))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("cannot be restored to 0001-01-01T00:00:00Z: the nearest after is ");
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
        assertThat(window(Optional.empty()).notes())
                .filteredOn(note -> note.contains("counts for nothing"))
                .singleElement()
                .asString()
                .contains("node " + HOSTS.get(1) + " counts for nothing from " + second(121) + " on");
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
        assertThat(window.notes().stream().filter(note -> note.contains("in no log")))
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
}
