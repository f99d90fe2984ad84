package dev.hindsight.trials.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fault.CallCutter;
import dev.hindsight.testkit.store.MemoryStore;
import dev.hindsight.trials.chain.Play.Step;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cuts every verb that makes or changes a chain off from the store and the agents at a call, from which on nothing works;
 * call itself not done, or done but unheard of. Every restore point is right then, the same verb again works, and every
 * restore point is right again, with nothing left behind.
 */
class ChainCutsTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_303L);
    private static final int GATE_SHARE = 13;
    private static final int GATE_SHARE_OF_RESTORES = 13;
    private static final int GATE_SHARE_WITH_WRITES = 19;
    private static final int DOUBLE_CUTS = 6;
    private static final List<Verb> CUT = List.of(Verb.BACKUP, Verb.REBASE, Verb.EXPIRE, Verb.COLLECT);

    private static final List<Story.Event> BETWEEN = List.of(
            Story.Event.WRITE,
            Story.Event.FLUSH,
            Story.Event.COMPACT_EVERYTHING,
            Story.Event.TRUNCATE,
            Story.Event.ADD_COLUMN,
            Story.Event.DROP_AND_CREATE,
            Story.Event.HOURS_PASS);

    @TempDir(factory = QuickDirectory.class)
    private Path temp;

    @BeforeAll
    static void quiet() {
        Quiet.begin();
    }

    @AfterAll
    static void logAgain() {
        Quiet.end();
    }

    @ParameterizedTest
    @EnumSource(names = {"BACKUP", "BACKUP_FULL", "REBASE", "EXPIRE", "COLLECT"})
    void verbCutAtSomeCallsIsWholeOrNothingAndGoesOn(Verb verb) {
        cutEverywhere(verb, GATE_SHARE);
    }

    @ParameterizedTest
    @Tag("nightly")
    @EnumSource(names = {"BACKUP", "BACKUP_FULL", "REBASE", "EXPIRE", "COLLECT"})
    void verbCutAtAnyCallIsWholeOrNothingAndGoesOn(Verb verb) {
        cutEverywhere(verb, 1);
    }

    @Test
    void backupCutAtSomeCallsHoldsWhatItSawOrWhatIsThereNow() {
        cutAndWrite(GATE_SHARE_WITH_WRITES);
    }

    @Test
    @Tag("nightly")
    void backupCutAtAnyCallHoldsWhatItSawOrWhatIsThereNow() {
        cutAndWrite(1);
    }

    @Test
    void restoreCutAtSomeCallsGivesTheRestorePointWhenItGoesOn() {
        cutRestores(GATE_SHARE_OF_RESTORES, false);
    }

    @Test
    @Tag("nightly")
    void restoreCutAtAnyCallGivesTheRestorePointWhenItGoesOn() {
        cutRestores(1, false);
    }

    @Test
    @Tag("nightly")
    void restoreCutTwiceGivesTheRestorePointWhenItGoesOn() {
        cutRestores(1, true);
    }

    @Test
    void verbsCutTwiceGoOn() {
        cutTwice(DOUBLE_CUTS);
    }

    @Test
    @Tag("nightly")
    void verbsCutTwiceAnywhereGoOn() {
        cutTwice(DOUBLE_CUTS * 100);
    }

    /** @param every one call of so many is cut */
    private void cutEverywhere(Verb verb, int every) {
        Play play = withChain();
        if (verb == Verb.COLLECT) {
            // With a seed that rules keep as little as they may.
            play.step(Step.of(Verb.EXPIRE, 2));
        }
        RestorePoints.Moment moment = play.moment();
        SplittableRandom random = new SplittableRandom(SEED);
        CallCutter counting = new CallCutter();
        verb.run(cut(play, play.repository().copy(), counting), random);
        int calls = counting.calls();
        assertThat(calls).as("calls of %s", verb).isGreaterThan(8);
        for (int n = 1 + random.nextInt(every); n <= calls; n += every) {
            for (boolean lost : new boolean[] {false, true}) {
                MemoryStore store = play.repository().copy();
                String what =
                        verb + " seed " + SEED + ", cut " + (lost ? "after" : "before") + " call " + n + " of " + calls;
                attempt(play, rig -> verb.run(rig, random), store, n, lost);
                check(play, verb, store, moment, random, what);
            }
        }
    }

    /** The cluster lives on before the next backup, which goes on with the one that was cut or begins anew. */
    private void cutAndWrite(int every) {
        Play play = withChain();
        SplittableRandom random = new SplittableRandom(SEED);
        CallCutter counting = new CallCutter();
        Verb.BACKUP.run(cut(play, play.repository().copy(), counting), random);
        int old = 0;
        for (int n = 1 + random.nextInt(every); n <= counting.calls(); n += every) {
            boolean lost = random.nextBoolean();
            MemoryStore store = play.repository().copy();
            RestorePoints.Moment before = play.moment();
            attempt(play, rig -> Verb.BACKUP.run(rig, random), store, n, lost);
            Instant cutAt = play.now();
            Story.Event event = BETWEEN.get(random.nextInt(BETWEEN.size()));
            play.step(Step.of(Story.Event.WRITE_LITTLE, random.nextLong()));
            play.step(Step.of(event, random.nextLong()));
            RestorePoints.Moment after = play.moment();
            String what = "backup seed " + SEED + ", cut " + (lost ? "after" : "before") + " call " + n + ", " + event;
            Verb.BACKUP.run(play.rig().over(store), random);
            int known = play.visible(play.repository()).size();
            List<BackupManifest> made = play.visible(store);
            old += (int) made.subList(known, made.size()).stream()
                    .filter(manifest -> !manifest.restorePoint().isAfter(cutAt))
                    .count();
            play.adopt(store, manifest -> manifest.restorePoint().isAfter(cutAt) ? after : before);
            play.requireRight(store, false, random, what);
            play.requireNothingLeft(what);
            Verb.BACKUP.run(play.rig().over(store), random);
            play.adopt(store, after);
            play.requireRight(store, false, random, what + ", and one on top");
        }
        assertThat(old).as("backups that hold what was there before").isPositive();
    }

    /** Restores of a backup with others below it, into a new cluster each. */
    private void cutRestores(int every, boolean twice) {
        Play play = withChain();
        SplittableRandom random = new SplittableRandom(SEED);
        List<BackupManifest> all = play.visible(play.repository());
        String backup = all.get(all.size() - 1).id();
        CallCutter counting = new CallCutter();
        cut(play, play.repository().copy(), counting).restore(backup, play.rig().target());
        play.requireGiven("restore, seed " + SEED);
        int calls = counting.calls();
        assertThat(calls).isGreaterThan(8);
        for (int n = 1 + random.nextInt(every); n <= calls; n += every) {
            for (boolean lost : new boolean[] {false, true}) {
                MemoryStore store = play.repository().copy();
                ChainRig.Target target = play.rig().target();
                String what = "restore seed " + SEED + ", cut " + (lost ? "after" : "before") + " call " + n;
                boolean done = attempt(play, rig -> rig.restore(backup, target), store, n, lost);
                if (twice && !done) {
                    int again = 1 + random.nextInt(calls);
                    what += " and call " + again;
                    done = attempt(play, rig -> rig.restore(backup, target), store, again, random.nextBoolean());
                }
                if (!done) {
                    restoreAgain(play.rig().over(store), backup, target);
                }
                play.requireGiven(what);
                play.requireNothingLeft(what);
                assertThat(target.cluster().agents())
                        .as(what)
                        .flatMap(DirectoryAgent::leftovers)
                        .isEmpty();
            }
        }
    }

    /** Where only the answer was lost, the restore is over and says so. */
    private static void restoreAgain(ChainRig rig, String backup, ChainRig.Target target) {
        try {
            rig.restore(backup, target);
        } catch (TargetUnsafeException e) {
            assertThat(e).hasMessageContaining("by this same command has finished");
            rig.took(backup, target);
        }
    }

    private void cutTwice(int times) {
        Play play = withChain();
        RestorePoints.Moment moment = play.moment();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < times; i++) {
            Verb verb = CUT.get(random.nextInt(CUT.size()));
            MemoryStore store = play.repository().copy();
            StringBuilder what = new StringBuilder(verb + " seed " + SEED);
            for (int twice = 0; twice < 2; twice++) {
                int n = 1 + random.nextInt(150);
                boolean lost = random.nextBoolean();
                what.append(", cut ")
                        .append(lost ? "after" : "before")
                        .append(" call ")
                        .append(n);
                attempt(play, rig -> verb.run(rig, random), store, n, lost);
            }
            check(play, verb, store, moment, random, what.toString());
        }
    }

    private Play withChain() {
        Play play = new Play(temp, SEED, store -> store);
        List.of(
                        Step.of(Verb.BACKUP, 1),
                        Step.of(Story.Event.WRITE, 2),
                        Step.of(Verb.BACKUP, 3),
                        Step.of(Verb.BACKUP_FULL, 4),
                        Step.of(Story.Event.WRITE_LITTLE, 5),
                        Step.of(Story.Event.COMPACT_EVERYTHING, 6),
                        Step.of(Verb.BACKUP, 7),
                        Step.of(Verb.BACKUP, 8),
                        Step.of(Story.Event.WRITE, 9))
                .forEach(play::step);
        return play;
    }

    private static ChainRig cut(Play play, MemoryStore store, CallCutter cutter) {
        return play.rig().over(cutter.over(store), cutter::over);
    }

    /** Whether the verb was done before the call came. */
    private static boolean attempt(Play play, Consumer<ChainRig> verb, MemoryStore store, int n, boolean lost) {
        CallCutter cutter = new CallCutter();
        if (lost) {
            cutter.cutAfter(n);
        } else {
            cutter.cutFrom(n);
        }
        try {
            verb.accept(cut(play, store, cutter));
            return true;
        } catch (HindsightException e) {
            assertThat(e.hint()).as("hint of %s", e).isNotBlank();
            return false;
        } finally {
            play.declareDead();
        }
    }

    private static void check(
            Play play,
            Verb verb,
            MemoryStore store,
            RestorePoints.Moment moment,
            SplittableRandom random,
            String what) {
        play.adopt(store, moment);
        play.requireRight(store, false, random, what);
        assertThat(verb.run(play.rig().over(store), random)).as(what).isTrue();
        play.adopt(store, moment);
        play.requireRight(store, verb.changesOthers(), random, what + ", and again");
        play.requireNothingLeft(what);
        if (verb == Verb.COLLECT) {
            Set<String> needed = Reachable.keys(Repository.open(store));
            assertThat(store.keys())
                    .as("what backups hold, and nothing else: %s", what)
                    .filteredOn(key -> key.startsWith(Keys.DATA) || key.startsWith(Keys.BACKUPS))
                    .allMatch(needed::contains);
        }
    }
}
