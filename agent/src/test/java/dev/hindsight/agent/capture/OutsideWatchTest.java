package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which SSTables count as from outside, of those that come in the ways that Cassandra has. */
class OutsideWatchTest {
    private static final long LONG = 40_000;

    @TempDir
    Path temp;

    private OutsideFixture node;

    @BeforeEach
    void begin() throws IOException {
        node = new OutsideFixture(temp);
        node.put("nb-1-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.put("nb-2-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        assertThat(node.lookFor(LONG)).as("what was there").isEmpty();
    }

    private void requireImported(List<CaptureItem.Outside> came, long fromMicros, long toMicros) {
        assertThat(came).isNotEmpty().allSatisfy(one -> {
            assertThat(one.tableId()).isEqualTo(OutsideFixture.TABLE);
            assertThat(one.cause()).isEqualTo(OutsideWatch.IMPORTED);
            assertThat(one.fromMicros()).isBetween(fromMicros - 2_000_000, fromMicros);
        });
        assertThat(came.get(came.size() - 1).toMicros()).isGreaterThanOrEqualTo(toMicros);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flush", "compaction", "majorcompaction", "cleanup", "scrub", "anticompactionafterrepair"})
    void whatATransactionMakesIsTheNodes(String operation) throws IOException {
        String log = node.begin(operation, "nb-3-big", "nb-4-big");
        node.file("nb-3-big-Data.db", "part");
        assertThat(node.lookFor(20_000)).isEmpty();
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.put("nb-4-big", OutsideFixture.streamed());
        node.removeSSTable("nb-1-big");
        node.remove(log);
        node.flush("nb-5-big", 80);

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void anAbortedCompactionLeavesNothing() throws IOException {
        String log = node.begin("compaction", "nb-3-big");
        node.file("nb-3-big-Data.db", "part");
        node.look();
        node.remove("nb-3-big-Data.db");
        node.remove(log);

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void anImportIsFromOutsideWhoeverWroteIt() throws IOException {
        long before = node.nowMicros;
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 1000));
        List<CaptureItem.Outside> came = node.look();

        requireImported(came, before, node.nowMicros + 5_000_000);
        assertThat(node.lookFor(3000)).isEmpty();
        node.removeSSTable("nb-3-big");
        assertThat(node.lookFor(LONG))
                .as("told once, though it is compacted soon")
                .isEmpty();
    }

    @Test
    void anImportDuringACompactionIsFromOutside() throws IOException {
        String log = node.begin("compaction", "nb-3-big");
        node.file("nb-3-big-Data.db", "part");
        node.lookFor(3000);
        long before = node.nowMicros;
        node.put("nb-4-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        requireImported(node.look(), before, before);
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.remove(log);

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void anImportThatIsCompactedBeforeItIsLookedAtIsFromOutside() throws IOException {
        long before = node.nowMicros;
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        String log = node.begin("compaction", "nb-4-big");
        node.put("nb-4-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.removeSSTable("nb-3-big");
        node.removeSSTable("nb-1-big");
        node.remove(log);

        requireImported(node.look(), before, before);
    }

    @Test
    void aForeignFileIsFromOutsideThoughAFlushEndsInTheSameMoment() throws IOException {
        long before = node.nowMicros;
        String log = node.begin("flush", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 100));
        node.put("nb-4-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        node.remove(log);

        requireImported(node.look(), before, before);
    }

    @Test
    void anImportOfManyFilesLastsUntilTheyAreStill() throws IOException {
        long before = node.nowMicros;
        List<CaptureItem.Outside> came = new ArrayList<>();
        for (int i = 10; i < 40; i++) {
            node.file("nb-" + i + "-big-Data.db", "half");
            came.addAll(node.lookFor(1000));
            node.put("nb-" + i + "-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
            came.addAll(node.lookFor(1000));
        }
        long last = node.nowMicros;
        came.addAll(node.lookFor(LONG));

        requireImported(came, before, last + 5_000_000);
        assertThat(came).hasSizeLessThan(20);
    }

    @Test
    void whatIsPutThereWhileTheNodeIsDownLastsUntilItIsUp() throws IOException {
        long before = node.nowMicros;
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        List<CaptureItem.Outside> came = new ArrayList<>(node.look(Optional.empty()));
        for (int i = 0; i < 600; i++) {
            came.addAll(node.look(Optional.empty()));
        }
        long up = node.nowMicros;
        came.addAll(node.lookFor(LONG));

        requireImported(came, before, up + 9_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Repair", "Bootstrap", "Rebuild", "Unbootstrap", "Relocation", "Restore replica count"})
    void streamsOfReplicasLeaveTheTableWhole(String operation) throws IOException {
        String log = node.begin("stream", "nb-3-big", "nb-4-big");
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        node.look();
        node.put("nb-4-big", OutsideFixture.streamed());
        node.remove(log);
        node.look();
        // The second by its table alone.
        node.look(node.ended(operation, "nb-3-big"));

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void aLongRepairIsWaitedForAndOneThatFailsExplainsWhatItHasBrought() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        StreamsSeen.Stream running = node.stream("Repair");
        node.look(Optional.of(new StreamsSeen(List.of(running), List.of())));
        assertThat(node.watch.isOpen()).isTrue();
        for (int i = 0; i < 500; i++) {
            assertThat(node.look(Optional.of(new StreamsSeen(List.of(running), List.of()))))
                    .isEmpty();
        }
        assertThat(node.watch.isOpen())
                .as("what says everything of all streams is not asked for each second")
                .isFalse();
        node.remove(log);
        node.look(node.ended("Repair", "nb-3-big"));

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    /** The agent asks in every fifth look, and a node that takes rows names no files. */
    @Test
    void aRepairThatTakesRowsForLongIsWaitedForBetweenTheAnswersAsWell() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        Optional<StreamsSeen> running = Optional.of(new StreamsSeen(List.of(node.stream("Repair")), List.of()));
        for (int i = 0; i < 3300; i++) {
            assertThat(node.look(i % 5 == 0 ? running : Optional.empty()))
                    .as("after %s s", i / 5)
                    .isEmpty();
        }
        node.remove(log);
        node.look(node.ended("Repair"));

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void aNodeThatStopsAnsweringIsNotBelievedForEverThatAStreamRuns() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        node.look(Optional.of(new StreamsSeen(List.of(node.stream("Repair")), List.of())));
        node.remove(log);
        List<CaptureItem.Outside> came = new ArrayList<>();
        for (int i = 0; i < 3100; i++) {
            came.addAll(node.look(Optional.empty()));
        }

        assertThat(came).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNNAMED);
    }

    @Test
    void aLoadersStreamIsFromOutsideOnce() throws IOException {
        long before = node.nowMicros;
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        List<CaptureItem.Outside> came = new ArrayList<>(node.lookFor(3000));
        node.remove(log);
        came.addAll(node.look(node.ended(StreamsSeen.BULK_LOAD, "nb-3-big")));
        long ended = node.nowMicros;
        came.addAll(node.lookFor(LONG));

        assertThat(came).hasSize(1);
        assertThat(came.get(0).cause()).isEqualTo(OutsideWatch.LOADED);
        assertThat(came.get(0).fromMicros()).isBetween(before - 2_000_000, before);
        assertThat(came.get(0).toMicros()).isEqualTo(ended);
    }

    @Test
    void aLoaderIsToldOfThoughItsRowsWentThroughTheWritePath() {
        List<CaptureItem.Outside> came = node.look(node.ended(StreamsSeen.BULK_LOAD));

        assertThat(came).extracting(CaptureItem.Outside::cause).containsExactly(OutsideWatch.LOADED);
        assertThat(node.look(Optional.of(new StreamsSeen(
                        List.of(),
                        List.of(new StreamsSeen.Stream("Bulk Load", 1, Set.of(OutsideFixture.HOST), Set.of()))))))
                .as("into another table")
                .isEmpty();
    }

    @Test
    void aLoaderIsToldOfThoughTheLookThatHeardOfItFailed() {
        node.told.fails = true;
        assertThatThrownBy(() -> node.look(node.ended(StreamsSeen.BULK_LOAD)))
                .isInstanceOf(IllegalStateException.class);
        node.told.fails = false;

        assertThat(node.look()).extracting(CaptureItem.Outside::cause).containsExactly(OutsideWatch.LOADED);
        assertThat(node.lookFor(LONG)).as("once").isEmpty();
    }

    @Test
    void aStreamThatNothingIsHeardOfIsFromOutside() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        node.remove(log);
        assertThat(node.lookFor(14_000)).isEmpty();

        assertThat(node.lookFor(LONG)).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNNAMED);
    }

    @Test
    void aNodeThatDoesNotSayWhatAStreamWasIsNotWaitedForForEver() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        node.remove(log);
        List<CaptureItem.Outside> came = new ArrayList<>();
        for (int i = 0; i < 3600; i++) {
            came.addAll(node.look(Optional.empty()));
        }

        assertThat(came).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNNAMED);
    }

    @Test
    void anOrdinaryRestartOfTheAgentLeavesTheTableWhole() throws IOException {
        String log = node.begin("compaction", "nb-3-big");
        node.file("nb-3-big-Data.db", "part");
        String running = node.begin("cleanup", "nb-7-big");
        node.lookFor(5000);
        node.agentAway(60_000);
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.removeSSTable("nb-1-big");
        node.remove(log);
        node.flush("nb-4-big", 101);
        node.put("nb-5-big", OutsideFixture.by(OutsideFixture.HOST, 101));
        node.put("nb-6-big", OutsideFixture.streamed());
        node.file("nb-7-big-Data.db", "part");
        node.agentComes();
        assertThat(node.lookFor(5000)).isEmpty();
        node.put("nb-7-big", OutsideFixture.streamed());
        node.remove(running);

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void anImportWhileNoAgentRanIsFromOutside() throws IOException {
        long before = node.nowMicros;
        node.agentAway(60_000);
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 1000));
        node.agentComes();
        List<CaptureItem.Outside> came = node.lookFor(LONG);

        assertThat(came).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNWATCHED);
        assertThat(came.get(0).fromMicros()).isLessThanOrEqualTo(before);
    }

    private void runForLong() {
        for (int i = 0; i < 30; i++) {
            node.readable = new LogPosition(100 + i, 0);
            assertThat(node.lookFor(60_000)).isEmpty();
        }
    }

    @Test
    void anImportOfTheNodesOwnOldFileWhileNoAgentRanIsFromOutside() throws IOException {
        runForLong();
        node.agentAway(60_000);
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 95));
        node.agentComes();

        assertThat(node.lookFor(LONG)).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNWATCHED);
    }

    @Test
    void afterALongAbsenceWhatWasRewrittenIsNotTrusted() throws IOException {
        runForLong();
        node.agentAway(3_600_000);
        node.removeSSTable("nb-1-big");
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.HOST, 90));
        node.flush("nb-4-big", 130);
        node.agentComes();

        assertThat(node.lookFor(LONG)).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNWATCHED);
    }

    @Test
    void aRepairThatIsStillRunningWhenTheAgentComesExplainsWhatItHadBrought() throws IOException {
        node.agentAway(10_000);
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        node.agentComes();
        node.look(Optional.of(new StreamsSeen(List.of(node.stream("Repair", "nb-3-big")), List.of())));

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    /** A stream of rows names no files: that they look like a stream's has to be known again. */
    @Test
    void aRepairThatTakesRowsAcrossARestartOfTheAgentLeavesTheTableWhole() throws IOException {
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        StreamsSeen running = new StreamsSeen(List.of(node.stream("Repair")), List.of());
        for (int i = 0; i < 50; i++) {
            node.look(Optional.of(running));
        }
        node.agentAway(20_000);
        node.agentComes();
        for (int i = 0; i < 50; i++) {
            assertThat(node.look(Optional.of(running))).isEmpty();
        }
        node.remove(log);
        node.look(node.ended("Repair"));

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void whatIsUndecidedWhenTheAgentEndsIsDecidedLater() throws IOException {
        long before = node.nowMicros;
        String log = node.begin("stream", "nb-3-big");
        node.put("nb-3-big", OutsideFixture.streamed());
        node.remove(log);
        node.lookFor(5000);
        node.agentAway(60_000);
        node.agentComes();
        List<CaptureItem.Outside> came = node.lookFor(LONG);

        assertThat(came).isNotEmpty();
        assertThat(came.get(0).fromMicros()).isLessThanOrEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lost", "silent", "refused"})
    void whereChangesAreNotToldTheDirectoryIsLookedAt(String how) throws IOException {
        if (how.equals("refused")) {
            node.agentAway(1000);
            node.told.refuses = true;
            node.agentComes();
            node.look();
        }
        node.told.silent = how.equals("silent");
        node.flush("nb-3-big", 101);
        node.removeSSTable("nb-1-big");
        node.put("nb-4-big", OutsideFixture.by(OutsideFixture.HOST, 3));
        if (how.equals("lost")) {
            node.told.overflow();
        }
        assertThat(node.lookFor(LONG)).isEmpty();
        long before = node.nowMicros;
        node.put("nb-5-big", OutsideFixture.by(OutsideFixture.FOREIGN, 1000));
        if (how.equals("lost")) {
            node.told.overflow();
        }
        List<CaptureItem.Outside> came = node.lookFor(LONG);

        assertThat(came).isNotEmpty();
        assertThat(came.get(0).fromMicros()).isLessThanOrEqualTo(before);
    }

    @Test
    void aTableThatIsMadeLaterIsWatchedFromItsBeginning() throws IOException {
        Path later = Files.createDirectories(node.data.resolve("shop/later-22222222000040008000000000000001"));
        Files.setLastModifiedTime(node.data.resolve("shop"), FileTime.fromMillis(node.nowMicros / 1000));
        assertThat(node.look()).isEmpty();

        assertThat(node.told.watched).contains(later);
    }

    @Test
    void aDirectoryThatCannotBeReadKeepsNoOtherFromBeingWatched() throws IOException {
        List<Path> good = new ArrayList<>();
        List<Path> broken = new ArrayList<>();
        for (int i = 10; i < 30; i++) {
            Path one = Files.createDirectories(
                    node.data.resolve("shop/later" + i + "-222222220000400080000000000000" + i));
            (i < 25 ? good : broken).add(one);
        }
        for (Path one : broken) {
            // Reads fail there.
            Files.createDirectories(one.resolve("nb_txn_flush_" + OutsideFixture.HOST + ".log"));
        }
        Files.setLastModifiedTime(node.data.resolve("shop"), FileTime.fromMillis(node.nowMicros / 1000));
        assertThat(node.lookFor(1000)).isEmpty();
        assertThat(node.told.watched).containsAll(good);
        for (Path one : broken) {
            Files.delete(one.resolve("nb_txn_flush_" + OutsideFixture.HOST + ".log"));
        }
        assertThat(node.lookFor(LONG)).as("tried again").isEmpty();
        assertThat(node.known.orElseThrow().directories())
                .containsKeys(broken.stream().map(Path::toString).toArray(String[]::new));
    }

    @Test
    void whatIsWantedLaterCountsFromThenOn() throws IOException {
        node.wanted = Set.of("other");
        node.look();
        node.put("nb-3-big", OutsideFixture.by(OutsideFixture.FOREIGN, 5));
        assertThat(node.lookFor(5000)).isEmpty();
        node.wanted = Set.of("other", "shop");

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    @Test
    void ofTablesThatWereDroppedNothingIsKept() throws IOException {
        int before = node.watch.kept();
        for (int i = 10; i < 40; i++) {
            node.told.refuses = i % 2 == 0;
            Path dropped = Files.createDirectories(
                    node.data.resolve("shop/dropped" + i + "-222222220000400080000000000000" + i));
            touchKeyspace();
            assertThat(node.lookFor(6000)).isEmpty();
            assertThat(node.watch.kept()).isGreaterThan(before);
            Files.delete(dropped);
            touchKeyspace();
            assertThat(node.lookFor(6000)).isEmpty();
        }

        assertThat(node.watch.kept()).isEqualTo(before);
        assertThat(node.told.watched).containsExactly(node.directory);
    }

    @Test
    void ofAKeyspaceThatIsCapturedNoMoreNothingIsKept() throws IOException {
        for (int i = 10; i < 40; i++) {
            Files.createDirectories(node.data.resolve("shop/later" + i + "-222222220000400080000000000000" + i));
        }
        touchKeyspace();
        node.lookFor(6000);
        assertThat(node.told.watched).hasSize(31);

        node.wanted = Set.of("other");
        node.lookFor(6000);

        assertThat(node.told.watched).isEmpty();
        assertThat(node.watch.kept()).isZero();
    }

    private void touchKeyspace() throws IOException {
        Files.setLastModifiedTime(node.data.resolve("shop"), FileTime.fromMillis(node.nowMicros / 1000));
    }

    @Test
    void filesThatAreNoSSTablesAreNothing() throws IOException {
        node.file("manifest.json", "{}");
        node.file("nb-9-big-Summary.db", "x");
        node.file("nb-1-big-Statistics.db.tmp", "x");
        node.file("lost+found", "x");

        assertThat(node.lookFor(LONG)).isEmpty();
    }

    /** The node tells of a stream once, whether its table's directory can be read then or not. */
    @Test
    void aLoaderIsToldOfThoughItsTablesDirectoryCouldNotBeReadWhenItEnded() throws IOException {
        node.lookFor(5000);
        node.agentAway(1000);
        // Reads fail there.
        Path broken = Files.createDirectories(node.directory.resolve("nb_txn_flush_" + OutsideFixture.HOST + ".log"));
        node.agentComes();
        node.look();
        node.statistics.put("nb-3-big", OutsideFixture.streamed());
        for (String component : List.of("Data.db", "Statistics.db", "TOC.txt")) {
            Files.writeString(node.directory.resolve("nb-3-big-" + component), "x");
        }
        List<CaptureItem.Outside> came = new ArrayList<>(node.look(node.ended(StreamsSeen.BULK_LOAD, "nb-3-big")));
        Files.delete(broken);
        came.addAll(node.lookFor(LONG));

        assertThat(came).extracting(CaptureItem.Outside::tableId).containsOnly(OutsideFixture.TABLE);
    }
}
