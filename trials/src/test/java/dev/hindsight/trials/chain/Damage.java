package dev.hindsight.trials.chain;

import dev.hindsight.repository.layout.Keys;
import dev.hindsight.testkit.store.MemoryStore;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** What can happen to a stored object behind everybody's back. */
enum Damage {
    BIT_FLIPPED {
        @Override
        boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random) {
            byte[] bytes = store.bytes(key);
            if (bytes.length == 0) {
                return false;
            }
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            store.damage(key, bytes);
            return true;
        }
    },
    TRUNCATED {
        @Override
        boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random) {
            byte[] bytes = store.bytes(key);
            if (bytes.length == 0) {
                return false;
            }
            store.damage(key, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            return true;
        }
    },
    SWAPPED_WITH_A_SIBLING {
        @Override
        boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random) {
            List<String> siblings = siblings(store, key, others);
            if (siblings.isEmpty()) {
                return false;
            }
            String other = siblings.get(random.nextInt(siblings.size()));
            byte[] bytes = store.bytes(key);
            store.damage(key, store.bytes(other));
            store.damage(other, bytes);
            return true;
        }
    },
    REPLACED_BY_AN_OLDER_ONE {
        @Override
        boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random) {
            List<String> older = siblings(store, key, others).stream()
                    .filter(other -> other.compareTo(key) < 0)
                    .toList();
            if (older.isEmpty()) {
                return false;
            }
            store.damage(key, store.bytes(older.get(older.size() - 1)));
            return true;
        }
    },
    DELETED {
        @Override
        boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random) {
            store.delete(key);
            return true;
        }
    };

    /** Whether there was anything to damage: an object of another content is needed for some. */
    abstract boolean apply(MemoryStore store, String key, Set<String> others, SplittableRandom random);

    /** Objects of the same kind with other bytes, sorted; ids sort by age. */
    private static List<String> siblings(MemoryStore store, String key, Set<String> others) {
        byte[] bytes = store.bytes(key);
        return others.stream()
                .filter(other -> !other.equals(key) && kind(other).equals(kind(key)))
                .filter(other -> !Arrays.equals(store.bytes(other), bytes))
                .sorted()
                .toList();
    }

    private static String kind(String key) {
        String name = key.substring(key.lastIndexOf('/') + 1);
        if (key.startsWith(Keys.CATALOGUE)) {
            return Keys.CATALOGUE;
        }
        if (key.contains("/shards/")) {
            return "shards";
        }
        return key.startsWith(Keys.DATA) ? name.substring(name.lastIndexOf('-') + 1) : name;
    }
}
