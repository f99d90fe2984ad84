package dev.hindsight.trials.chain;

import dev.hindsight.trials.chain.Play.Step;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What random histories meet too rarely, or never because nobody careful does it. */
class ChainScenariosTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_305L);

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

    /** Its SSTables were seen, but not there. */
    @Test
    void rangeOwnedLostAndOwnedAgainIsRead() {
        Play play = new Play(temp, SEED, store -> store);
        play.living().swapTokens();
        play.step(Step.of(Verb.BACKUP, 1));
        play.living().swapTokens();
        play.step(Step.of(Verb.BACKUP, 2));
        play.step(Step.of(Story.Event.COMPACT_EVERYTHING, 3));
        play.step(Step.of(Verb.BACKUP, 4));
    }

    @Test
    void whatTheParentCouldNotReadIsReadLater() {
        Play play = new Play(temp, SEED, store -> store);
        List.of(
                        Step.of(Story.Event.NODE_GOES_OUT, 1),
                        Step.of(Verb.BACKUP, 2),
                        Step.of(Story.Event.NODE_COMES_BACK, 3),
                        Step.of(Verb.BACKUP, 4),
                        Step.of(Story.Event.NODE_GOES_OUT, 5),
                        Step.of(Story.Event.WRITE, 6),
                        Step.of(Verb.BACKUP, 7),
                        Step.of(Story.Event.NODE_COMES_BACK, 8),
                        Step.of(Story.Event.COMPACT_EVERYTHING, 9),
                        Step.of(Verb.BACKUP, 10))
                .forEach(play::step);
    }

    /** Tombstones come and go between two backups, and with them what they deleted. */
    @Test
    void deletesPurgedBetweenIncrementsAreNotLost() {
        Play play = new Play(temp, SEED, store -> store);
        play.step(Step.of(Verb.BACKUP, 0));
        for (int i = 1; i <= 4; i++) {
            play.step(Step.of(Story.Event.WRITE, i));
            play.step(Step.of(i % 2 == 0 ? Story.Event.DAYS_PASS : Story.Event.MINUTES_PASS, i));
            play.step(Step.of(Story.Event.COMPACT_EVERYTHING, i));
            play.step(Step.of(Story.Event.COMPACT_EVERYTHING, i + 100));
            play.step(Step.of(Verb.BACKUP, i));
        }
    }
}
