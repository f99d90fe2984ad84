package dev.hindsight.trials.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.testkit.store.MemoryStore;
import dev.hindsight.trials.chain.Play.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every object that a small chain needs, in turn, is damaged in every way: verification finds it, and no restore ever
 * gives back anything but what is right.
 */
class ChainDamageTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_302L);
    private static final int GATE_SHARE = 9;

    @TempDir(factory = QuickDirectory.class)
    private Path temp;

    private record Case(String key, Damage damage) {}

    @BeforeAll
    static void quiet() {
        Quiet.begin();
    }

    @AfterAll
    static void logAgain() {
        Quiet.end();
    }

    @Test
    void damageToSomeObjectsIsFoundAndNeverRestored() {
        require(GATE_SHARE);
    }

    @Test
    @Tag("nightly")
    void damageToEveryObjectIsFoundAndNeverRestored() {
        require(1);
    }

    /** @param every looks at one case of so many */
    private void require(int every) {
        Play play = new Play(temp, SEED, store -> store);
        for (Step step : chain()) {
            play.step(step);
        }
        Set<String> keys = play.reachable();
        List<Case> cases = new ArrayList<>();
        for (String key : keys) {
            for (Damage damage : Damage.values()) {
                cases.add(new Case(key, damage));
            }
        }
        SplittableRandom random = new SplittableRandom(SEED);
        String newest = keys.stream()
                .filter(key -> key.startsWith(Keys.CATALOGUE))
                .reduce((first, last) -> last)
                .orElseThrow();
        int looked = 0;
        for (int i = random.nextInt(every); i < cases.size(); i += every) {
            Case one = cases.get(i);
            MemoryStore store = play.repository().copy();
            if (one.damage().apply(store, one.key(), keys, random)) {
                // That the log went on is written nowhere else.
                boolean unknowable = one.key().equals(newest) && one.damage() == Damage.DELETED;
                require(play, store, "seed " + SEED + ", " + one, !unknowable);
                looked++;
            }
        }
        assertThat(looked).as("cases of %d objects", keys.size()).isGreaterThan(keys.size() / every);
    }

    private static List<Step> chain() {
        List<Step> steps = new ArrayList<>();
        steps.add(Step.of(Verb.BACKUP, 1));
        steps.add(Step.of(Story.Event.WRITE, 2));
        steps.add(Step.of(Verb.BACKUP, 3));
        steps.add(Step.of(Story.Event.WRITE, 4));
        steps.add(Step.of(Verb.REBASE, 4));
        steps.add(Step.of(Story.Event.WRITE_LITTLE, 6));
        steps.add(Step.of(Verb.BACKUP, 7));
        return steps;
    }

    private static void require(Play play, MemoryStore store, String what, boolean findable) {
        boolean found;
        try {
            found = !play.rig().over(store).verify().good();
        } catch (HindsightException e) {
            found = true;
        }
        if (findable) {
            assertThat(found).as("found: %s", what).isTrue();
        }
        play.requireRightOrRefused(store, what);
    }
}
