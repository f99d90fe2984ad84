package dev.hindsight.testkit.store;

import dev.hindsight.repository.store.ObjectStore;

class MemoryStoreTest extends ObjectStoreContract {
    private final MemoryStore store = new MemoryStore();

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected ObjectStore otherView() {
        return store;
    }
}
