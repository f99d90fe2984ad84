package dev.hindsight.acceptance.chain;

import dev.hindsight.acceptance.chain.Play.Step;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All pairs of verbs at the same time, one store call of one of both after the other in an order that the seed gives, over
 * a store in bad weather. Both may fail. With good weather again every restore point is right, nothing that is referenced
 * is missing, and the next backup works.
 */
class ChainStormTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_304L);
    private static final int NIGHTLY_ROUNDS = 20;

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

    @Test
    void pairsOfVerbsInBadWeatherHarmNothing() throws InterruptedException {
        pairs(SEED);
    }

    @Test
    @Tag("nightly")
    void pairsOfVerbsInEveryWeatherHarmNothing() throws InterruptedException {
        for (int round = 1; round <= NIGHTLY_ROUNDS; round++) {
            pairs(SEED + round);
        }
    }

    private void pairs(long seed) throws InterruptedException {
        Play play = new Play(temp.resolve("storm" + seed), seed, store -> store);
        List.of(
                        Step.of(Verb.BACKUP, 1),
                        Step.of(Story.Event.WRITE, 2),
                        Step.of(Verb.BACKUP, 3),
                        Step.of(Story.Event.COMPACT_EVERYTHING, 4),
                        Step.of(Story.Event.WRITE_LITTLE, 5),
                        Step.of(Verb.BACKUP, 6),
                        Step.of(Story.Event.WRITE, 7))
                .forEach(play::step);
        RestorePoints.Moment moment = play.moment();
        SplittableRandom random = new SplittableRandom(seed);
        for (Verb first : Verb.values()) {
            for (Verb second : Verb.values()) {
                if (first.compareTo(second) <= 0) {
                    MemoryStore store = play.repository().copy();
                    long own = random.nextLong();
                    String what = first + " and " + second + ", seed " + seed + " " + own;
                    together(play, store, List.of(first, second), own, what);
                    play.declareDead();
                    play.adopt(store, moment);
                    play.requireRight(store, true, random, what);
                    play.rig().over(store).backup(BackupRequest.Kind.AUTO);
                    play.adopt(store, moment);
                    play.requireRight(store, false, random, what + ", and a backup");
                }
            }
        }
    }

    private static void together(Play play, MemoryStore store, List<Verb> verbs, long seed, String what)
            throws InterruptedException {
        Turns turns = new Turns(seed);
        Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < verbs.size(); i++) {
            Verb verb = verbs.get(i);
            long own = seed + i;
            Thread thread = new Thread(
                    () -> {
                        turns.join();
                        try {
                            verb.run(play.rig().over(new StormyStore(store, own, turns)), new SplittableRandom(own));
                        } catch (HindsightException e) {
                            if (e.hint().isBlank()) {
                                wrong.add(e);
                            }
                        } catch (RuntimeException | Error e) {
                            wrong.add(e);
                        } finally {
                            turns.leave();
                        }
                    },
                    verb + "-" + i);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError(what, wrong.peek());
        }
    }
}
