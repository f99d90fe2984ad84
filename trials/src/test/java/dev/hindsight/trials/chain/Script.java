package dev.hindsight.trials.chain;

import dev.hindsight.trials.chain.Play.Step;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A random sequence of steps, and a shorter one that fails as well. */
final class Script {
    private static final Map<Verb, Integer> VERBS = new EnumMap<>(Map.of(
            Verb.BACKUP,
            12,
            Verb.BACKUP_FULL,
            1,
            Verb.REBASE,
            3,
            Verb.EXPIRE,
            2,
            Verb.COLLECT,
            2,
            Verb.RESTORE,
            1,
            Verb.VERIFY,
            1));

    private static final Map<Story.Event, Integer> EVENTS = weights();

    private Script() {}

    private static Map<Story.Event, Integer> weights() {
        Map<Story.Event, Integer> out = new EnumMap<>(Story.Event.class);
        for (Story.Event event : Story.Event.values()) {
            out.put(event, 1);
        }
        out.put(Story.Event.WRITE, 4);
        out.put(Story.Event.WRITE_LITTLE, 5);
        out.put(Story.Event.FLUSH, 3);
        out.put(Story.Event.COMPACT_SOME, 4);
        out.put(Story.Event.COMPACT_ALL_OF_ONE, 3);
        out.put(Story.Event.HOURS_PASS, 2);
        out.put(Story.Event.NODE_COMES_BACK, 3);
        return out;
    }

    static List<Step> random(long seed, int steps) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> out = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            // Backups in a row are as good a test as backups after a long time.
            if (random.nextInt(4) == 0) {
                out.add(Step.of(any(random, VERBS), random.nextLong()));
            } else {
                out.add(Step.of(any(random, EVENTS), random.nextLong()));
            }
        }
        out.add(Step.of(Verb.BACKUP, random.nextLong()));
        return out;
    }

    private static <T> T any(SplittableRandom random, Map<T, Integer> weights) {
        int at = random.nextInt(
                weights.values().stream().mapToInt(weight -> weight).sum());
        for (Map.Entry<T, Integer> one : weights.entrySet()) {
            at -= one.getValue();
            if (at < 0) {
                return one.getKey();
            }
        }
        throw new IllegalStateException("weights changed");
    }

    /** Whether a sequence of steps goes wrong. */
    interface Fails {
        boolean fails(List<Step> steps);
    }

    /** Leaves out steps, many at first, for as long as what is left fails, and for so many attempts. */
    static List<Step> shrink(List<Step> steps, Fails fails, int attempts) {
        List<Step> left = steps;
        int tries = attempts;
        for (int size = left.size() / 2; size >= 1; size /= 2) {
            for (int from = 0; from < left.size() && tries > 0; ) {
                List<Step> fewer = new ArrayList<>(left);
                fewer.subList(from, Math.min(from + size, fewer.size())).clear();
                tries--;
                if (fails.fails(fewer)) {
                    left = fewer;
                } else {
                    from += size;
                }
            }
        }
        return left;
    }
}
