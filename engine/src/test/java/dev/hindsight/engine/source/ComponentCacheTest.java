package dev.hindsight.engine.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.NotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentCacheTest {
    @TempDir
    Path directory;

    private final AtomicInteger loads = new AtomicInteger();

    private String read(ComponentCache cache, String key, int position, int length) {
        byte[] into = new byte[length];
        boolean kept = cache.read(key, 10, out -> load(key, out), position, into, 0, length);
        return kept ? new String(into, StandardCharsets.UTF_8) : "not kept";
    }

    private void load(String key, OutputStream out) throws IOException {
        loads.incrementAndGet();
        out.write((key + "0123456789").substring(0, 10).getBytes(StandardCharsets.UTF_8));
    }

    private long filesLeft() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }

    @Test
    void aFileIsLoadedOnceAndReadAnywhere() {
        try (ComponentCache cache = new ComponentCache(directory, 100)) {
            assertThat(read(cache, "a", 0, 3)).isEqualTo("a01");
            assertThat(read(cache, "a", 8, 2)).isEqualTo("78");
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void whatWasUsedLongestAgoGoesFirstAndTheBoundHolds() throws IOException {
        try (ComponentCache cache = new ComponentCache(directory, 25)) {
            read(cache, "a", 0, 1);
            read(cache, "b", 0, 1);
            read(cache, "a", 0, 1);
            read(cache, "c", 0, 1);
            assertThat(loads).hasValue(3);
            assertThat(cache.usedBytes()).isEqualTo(20);
            assertThat(filesLeft()).isEqualTo(2);

            read(cache, "a", 0, 1);
            assertThat(loads).hasValue(3);
            read(cache, "b", 0, 1);
            assertThat(loads).hasValue(4);
        }
        assertThat(filesLeft()).isZero();
    }

    @Test
    void whatIsLargerThanTheCacheIsNotKept() {
        try (ComponentCache cache = new ComponentCache(directory, 9)) {
            assertThat(read(cache, "a", 0, 1)).isEqualTo("not kept");
        }
        assertThat(loads).hasValue(0);
    }

    @Test
    void aFailedLoadIsForgotten() throws IOException {
        try (ComponentCache cache = new ComponentCache(directory, 100)) {
            assertThatThrownBy(() -> cache.read(
                            "a",
                            10,
                            out -> {
                                throw new NotFoundException("gone", "look");
                            },
                            0,
                            new byte[1],
                            0,
                            1))
                    .isInstanceOf(NotFoundException.class);
            assertThat(cache.usedBytes()).isZero();
            assertThat(filesLeft()).isZero();

            assertThat(read(cache, "a", 0, 2)).isEqualTo("a0");
        }
    }

    @Test
    void threadsThatWantTheSameFileWaitForOneLoad() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ComponentCache cache = new ComponentCache(directory, 40)) {
            List<Callable<String>> readers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String key = Character.toString('a' + i % 4);
                readers.add(() -> read(cache, key, 0, 2));
            }
            List<Future<String>> answers = threads.invokeAll(readers);
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(Character.toString('a' + i % 4) + "0");
            }
            assertThat(loads).hasValue(4);
        } finally {
            threads.shutdownNow();
        }
    }
}
