package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.store.FaultyObjectStore.Fault;
import dev.hindsight.testkit.store.FaultyObjectStore.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultyObjectStoreTest extends ObjectStoreContract {
    @TempDir
    Path directory;

    private @Nullable FaultyObjectStore opened;

    @Override
    protected FaultyObjectStore store() {
        if (opened == null) {
            opened = new FaultyObjectStore(DirectoryStore.open(directory));
        }
        return opened;
    }

    @Override
    protected ObjectStore otherView() {
        return DirectoryStore.open(directory);
    }

    @Test
    void cutLeavesWhatCameBefore() {
        store().cutFrom(2);
        store().putIfAbsent("a", Body.of("1"));

        assertThatThrownBy(() -> store().putIfAbsent("b", Body.of("2"))).isInstanceOf(StoreUnreachableException.class);
        assertThatThrownBy(() -> store().size("a")).isInstanceOf(StoreUnreachableException.class);
        assertThat(otherView().list("")).containsExactly("a");
        assertThat(store().log()).containsExactly("PUT a", "PUT b", "SIZE a");
    }

    @Test
    void lostAnswerIsDoneNonetheless() {
        store().cutAfter(1);

        assertThatThrownBy(() -> store().putIfAbsent("a", Body.of("1"))).isInstanceOf(OutcomeUnknownException.class);
        assertThat(otherView().size("a")).hasValue(1);

        store().heal();
        store().failOnce(1, Fault.NOT_APPLIED);
        assertThatThrownBy(() -> store().delete("a")).isInstanceOf(NotAppliedException.class);
        assertThat(store().size("a")).hasValue(1);
    }

    @Test
    void damageIsOneBitOrATornConnection() throws Exception {
        store().putIfAbsent("a", Body.of("0123456789"));
        store().inject(Operation.GET, key -> key.equals("a"), Fault.BIT_FLIP);
        store().inject(Operation.READ, key -> key.equals("a"), Fault.BIT_FLIP);

        try (InputStream in = store().get("a")) {
            assertThat(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("0123416789");
        }
        byte[] range = new byte[4];
        store().read("a", 0, range, 0, 4);
        assertThat(range).isEqualTo(new byte[] {'0', '1', '6', '3'});

        store().heal();
        store().inject(Operation.GET, key -> true, Fault.TORN_READ);
        try (InputStream in = store().get("a")) {
            assertThat(in.readNBytes(5)).hasSize(5);
            assertThatThrownBy(in::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void hiddenKeysAreMissingFromListingsOnly() {
        store().putIfAbsent("a", Body.of("1"));
        store().putIfAbsent("b", Body.of("2"));
        store().inject(Operation.LIST, key -> key.equals("a"), Fault.HIDDEN);

        assertThat(store().list("")).containsExactly("b");
        assertThat(store().size("a")).hasValue(1);
    }
}
