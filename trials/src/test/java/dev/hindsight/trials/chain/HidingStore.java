package dev.hindsight.trials.chain;

import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.util.List;
import java.util.Random;

/** A store whose listings leave out whatever they like, each time anew. All else it does at once. */
final class HidingStore extends ForwardingStore {
    private final Random random;

    HidingStore(ObjectStore inner, long seed) {
        super(inner);
        this.random = new Random(seed);
    }

    @Override
    public List<String> list(String prefix) {
        List<String> all = super.list(prefix);
        // All, nothing, or any share.
        double share = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
        return all.stream().filter(key -> random.nextDouble() < share).toList();
    }
}
