package dev.hindsight.trials.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.testkit.store.MemoryStore;
import dev.hindsight.trials.chain.Play.Step;
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
 * All pairs of verbs at the same time, and each verb beside one that expires and one that collects, one store call of one after the other in an order that the seed gives, over
 * a store in bad weather. All may fail. With good weather again every restore point is right, nothing that is referenced
 * is missing, and the next backup works.
 */
class ChainStormTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_304L);
    private static final int NIGHTLY_ROUNDS = 20;
    private static final int AT_ONCE = 9;

    /** Verbs that run at once over one store. */
    private record Pair(MemoryStore store, List<Verb> verbs, long seed, int fineDays, String what) {}

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
                        Step.of(Verb.BACKUP_FULL, 3),
                        Step.of(Story.Event.WRITE, 4),
                        Step.of(Verb.BACKUP, 5),
                        // What it lets go is there to be collected.
                        Step.of(Verb.EXPIRE, 2),
                        Step.of(Story.Event.COMPACT_EVERYTHING, 6),
                        Step.of(Story.Event.WRITE_LITTLE, 7),
                        Step.of(Verb.BACKUP, 8),
                        Step.of(Story.Event.WRITE, 9))
                .forEach(play::step);
        assertThat(Repository.open(play.repository()).catalogue().view().expired())
                .isNotEmpty();
        RestorePoints.Moment moment = play.moment();
        SplittableRandom random = new SplittableRandom(seed);
        List<Pair> pairs = new ArrayList<>();
        for (List<Verb> verbs : together()) {
            long own = random.nextLong();
            // Where all of them come to their end they meet more often.
            int fineDays = verbs.size() > 2 || seed % 2 != 0 ? 5 : 0;
            pairs.add(new Pair(play.repository().copy(), verbs, own, fineDays, verbs + ", seed " + seed + " " + own));
        }
        // Runs that collide wait for each other by real time.
        for (int i = 0; i < pairs.size(); i += AT_ONCE) {
            List<Pair> some = pairs.subList(i, Math.min(i + AT_ONCE, pairs.size()));
            together(play, some);
            play.declareDead();
            for (Pair pair : some) {
                play.adopt(pair.store(), moment);
            }
            play.requireGiven("seed " + seed);
            for (Pair pair : some) {
                play.requireRight(pair.store(), true, random, pair.what());
                play.rig().over(pair.store()).backup(BackupRequest.Kind.AUTO);
                play.adopt(pair.store(), moment);
                play.requireRight(pair.store(), false, random, pair.what() + ", and a backup");
            }
        }
    }

    /** All pairs; and each verb while somebody expires and somebody else collects. */
    private static List<List<Verb>> together() {
        List<List<Verb>> out = new ArrayList<>();
        for (Verb first : Verb.values()) {
            for (Verb second : Verb.values()) {
                if (first.compareTo(second) <= 0) {
                    out.add(List.of(first, second));
                }
            }
            out.add(List.of(first, Verb.EXPIRE, Verb.COLLECT));
        }
        return out;
    }

    private static void together(Play play, List<Pair> pairs) throws InterruptedException {
        Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (Pair pair : pairs) {
            Turns turns = new Turns(pair.seed());
            for (int i = 0; i < pair.verbs().size(); i++) {
                Verb verb = pair.verbs().get(i);
                ChainRig rig = play.rig().over(new StormyStore(pair.store(), pair.seed() + i, turns, pair.fineDays()));
                SplittableRandom random = new SplittableRandom(pair.seed() + i);
                threads.add(new Thread(
                        () -> {
                            turns.join();
                            try {
                                verb.run(rig, random);
                            } catch (HindsightException e) {
                                if (e.hint().isBlank()) {
                                    wrong.add(new AssertionError(pair.what(), e));
                                }
                            } catch (RuntimeException | Error e) {
                                wrong.add(new AssertionError(pair.what(), e));
                            } finally {
                                turns.leave();
                            }
                        },
                        verb + " of " + pair.what()));
            }
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError(String.valueOf(wrong.peek()), wrong.peek());
        }
    }
}
