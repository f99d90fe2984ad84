package dev.hindsight.acceptance.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.acceptance.chain.Play.Step;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.testkit.fault.CallCutter;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
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
    private static final int GATE_SHARE = 9;
    private static final int DOUBLE_CUTS = 6;

    @TempDir
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
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VERIFY")
    void verbCutAtSomeCallsIsWholeOrNothingAndGoesOn(Verb verb) {
        cutEverywhere(verb, GATE_SHARE);
    }

    @ParameterizedTest
    @Tag("nightly")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VERIFY")
    void verbCutAtAnyCallIsWholeOrNothingAndGoesOn(Verb verb) {
        cutEverywhere(verb, 1);
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
                attempt(play, verb, store, n, lost, random);
                check(play, verb, store, moment, random, what);
            }
        }
    }

    private void cutTwice(int times) {
        Play play = withChain();
        RestorePoints.Moment moment = play.moment();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < times; i++) {
            Verb verb = Verb.values()[random.nextInt(Verb.values().length)];
            MemoryStore store = play.repository().copy();
            StringBuilder what = new StringBuilder(verb + " seed " + SEED);
            for (int twice = 0; twice < 2; twice++) {
                int n = 1 + random.nextInt(150);
                boolean lost = random.nextBoolean();
                what.append(", cut ")
                        .append(lost ? "after" : "before")
                        .append(" call ")
                        .append(n);
                attempt(play, verb, store, n, lost, random);
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
                        Step.of(Story.Event.WRITE_LITTLE, 4),
                        Step.of(Story.Event.COMPACT_EVERYTHING, 5),
                        Step.of(Verb.BACKUP, 6),
                        Step.of(Story.Event.WRITE, 7))
                .forEach(play::step);
        return play;
    }

    private static ChainRig cut(Play play, MemoryStore store, CallCutter cutter) {
        return play.rig().over(cutter.over(store), cutter::over);
    }

    private static void attempt(Play play, Verb verb, MemoryStore store, int n, boolean lost, SplittableRandom random) {
        CallCutter cutter = new CallCutter();
        if (lost) {
            cutter.cutAfter(n);
        } else {
            cutter.cutFrom(n);
        }
        try {
            verb.run(cut(play, store, cutter), random);
        } catch (HindsightException e) {
            assertThat(e.hint()).as("hint of %s", e).isNotBlank();
        }
        play.declareDead();
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
    }
}
