package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.capture.FileChanges.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToldChangesTest {
    private static final Duration TOLD = Duration.ofMinutes(1);

    @TempDir
    Path temp;

    private final Map<Path, List<Change>> told = new HashMap<>();

    private void takeUntil(ToldChanges changes, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TOLD.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("told %s", told).isLessThan(deadline);
            changes.take().forEach((directory, all) -> told.merge(directory, all.orElse(List.of()), (a, b) -> b));
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    @Test
    void ofADirectoryThatIsDeletedNothingIsKept() throws IOException {
        try (ToldChanges changes = new ToldChanges()) {
            Path stays = Files.createDirectory(temp.resolve("stays"));
            Path goes = Files.createDirectory(temp.resolve("goes"));
            assertThat(changes.watch(stays)).isTrue();
            assertThat(changes.watch(goes)).isTrue();
            assertThat(changes.watched()).isEqualTo(2);

            Files.delete(goes);

            takeUntil(changes, () -> changes.watched() == 1);
            Files.createDirectory(goes);
            assertThat(changes.watch(goes)).as("watched again").isTrue();
            Files.createFile(goes.resolve("a"));
            takeUntil(changes, () -> List.of(new Change(true, "a")).equals(told.get(goes)));
        }
    }

    @Test
    void ofWhatIsNotWantedAnyMoreNothingIsTold() throws IOException {
        try (ToldChanges changes = new ToldChanges()) {
            Path stays = Files.createDirectory(temp.resolve("stays"));
            Path goes = Files.createDirectory(temp.resolve("goes"));
            changes.watch(stays);
            changes.watch(goes);

            changes.only(Set.of(stays));

            assertThat(changes.watched()).isEqualTo(1);
            Files.createFile(goes.resolve("a"));
            Files.createFile(stays.resolve("b"));
            takeUntil(changes, () -> List.of(new Change(true, "b")).equals(told.get(stays)));
            assertThat(told).doesNotContainKey(goes);
        }
    }
}
