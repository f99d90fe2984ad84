package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ObjectStore} must do, whatever keeps the bytes. A subclass gives an empty store for each test and a
 * second view of the same objects, as another process has it.
 */
public abstract class ObjectStoreContract {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int WRITERS = 16;

    private final Random random = new Random(SEED);

    /** An empty store; the same one at every call within a test. */
    protected abstract ObjectStore store();

    /** Another handle on the objects of {@link #store()}. */
    protected abstract ObjectStore otherView();

    /** Of a part between two slashes; less than 255 where the server behind the store cannot take that. */
    protected int longestPart() {
        return 255;
    }

    @Test
    void objectComesBackWhole() throws Exception {
        byte[] content = bytes(3 * 1024 * 1024 + 17);

        assertThat(store().putIfAbsent("a/b/object.bin", Body.of(content))).isEqualTo(PutOutcome.CREATED);

        assertThat(all(store(), "a/b/object.bin")).isEqualTo(content);
        assertThat(all(otherView(), "a/b/object.bin")).isEqualTo(content);
        assertThat(otherView().size("a/b/object.bin")).hasValue(content.length);
    }

    @Test
    void emptyObjectIsAnObject() throws Exception {
        assertThat(store().putIfAbsent("empty", Body.of(new byte[0]))).isEqualTo(PutOutcome.CREATED);

        assertThat(store().size("empty")).hasValue(0);
        assertThat(all(store(), "empty")).isEmpty();
        assertThat(store().putIfAbsent("empty", Body.of("x"))).isEqualTo(PutOutcome.EXISTS);
    }

    @Test
    void secondPutChangesNothing() throws Exception {
        store().putIfAbsent("k", Body.of("first"));

        assertThat(otherView().putIfAbsent("k", Body.of("second, longer"))).isEqualTo(PutOutcome.EXISTS);

        assertThat(all(store(), "k")).asString().isEqualTo("first");
    }

    @Test
    void ofSixteenWritersOneWins() throws Exception {
        for (int round = 0; round < 10; round++) {
            String key = "race/" + round + "/object";
            List<PutOutcome> outcomes = together(i -> (i % 2 == 0 ? store() : otherView())
                    .putIfAbsent(key, Body.of("writer " + i + " ".repeat(i * 1000))));

            assertThat(outcomes).as("round %d", round).containsOnlyOnce(PutOutcome.CREATED);
            int winner = outcomes.indexOf(PutOutcome.CREATED);
            assertThat(all(otherView(), key)).asString().isEqualTo("writer " + winner + " ".repeat(winner * 1000));
        }
    }

    @Test
    void deletersOfNeighboursDoNotDisturbCreators() throws Exception {
        for (int round = 0; round < 20; round++) {
            String directory = "busy/" + round + "/";
            store().putIfAbsent(directory + "seed", Body.of("s"));
            List<PutOutcome> outcomes = together(i -> {
                String mine = directory + (i % 3) + "/" + i;
                PutOutcome outcome = store().putIfAbsent(mine, Body.of("w" + i));
                if (i % 2 == 0) {
                    otherView().delete(mine);
                }
                otherView().delete(directory + "seed");
                return outcome;
            });

            assertThat(outcomes).as("seed %d, round %d", SEED, round).containsOnly(PutOutcome.CREATED);
            for (int i = 1; i < WRITERS; i += 2) {
                assertThat(all(store(), directory + (i % 3) + "/" + i))
                        .asString()
                        .isEqualTo("w" + i);
            }
        }
    }

    @Test
    void rangesAreExact() {
        byte[] content = bytes(200_000);
        store().putIfAbsent("ranges", Body.of(content));

        for (int i = 0; i < 200; i++) {
            int from = random.nextInt(content.length + 1);
            int length = random.nextInt(content.length - from + 1);
            byte[] into = new byte[length + 10];
            store().read("ranges", from, into, 5, length);

            byte[] expected = new byte[length + 10];
            System.arraycopy(content, from, expected, 5, length);
            assertThat(into).as("seed %d, %d bytes from %d", SEED, length, from).isEqualTo(expected);
        }
    }

    @Test
    void rangePastTheEndIsAnErrorNamingTheObject() {
        store().putIfAbsent("short", Body.of("12345"));

        assertThatThrownBy(() -> store().read("short", 3, new byte[3], 0, 3))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("short");
        assertThatThrownBy(() -> store().read("short", 100, new byte[1], 0, 1)).isInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> store().read("short", 0, new byte[1], 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> store().read("short", -1, new byte[1], 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        store().putIfAbsent("there/object", Body.of("x"));

        for (String key : List.of("absent", "absent/deep/er", "there", "there/object2", "there/object.x")) {
            assertThat(store().size(key)).as(key).isEmpty();
            assertThatThrownBy(() -> all(store(), key)).as(key).isInstanceOf(NotFoundException.class);
            assertThatThrownBy(() -> store().read(key, 0, new byte[1], 0, 1))
                    .as(key)
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining(key);
            assertThatCode(() -> store().delete(key)).as(key).doesNotThrowAnyException();
        }
        assertThat(store().size("there/object")).hasValue(1);
    }

    @Test
    void deletedObjectIsGoneAndMayBeMadeAgain() throws Exception {
        store().putIfAbsent("d/e/f", Body.of("one"));

        otherView().delete("d/e/f");
        otherView().delete("d/e/f");

        assertThat(store().size("d/e/f")).isEmpty();
        assertThat(store().putIfAbsent("d/e/f", Body.of("two"))).isEqualTo(PutOutcome.CREATED);
        assertThat(all(store(), "d/e/f")).asString().isEqualTo("two");
    }

    @Test
    void listingGivesKeysThatStartWithThePrefix() {
        for (String key : List.of("a/1", "a/2", "a/deep/3", "ab/4", "b/5")) {
            store().putIfAbsent(key, Body.of(key));
        }

        assertThat(store().list("a/")).isSubsetOf("a/1", "a/2", "a/deep/3");
        assertThat(store().list("a")).isSubsetOf("a/1", "a/2", "a/deep/3", "ab/4");
        assertThat(store().list("a/d")).isSubsetOf("a/deep/3");
        assertThat(store().list("")).isSubsetOf("a/1", "a/2", "a/deep/3", "ab/4", "b/5");
        assertThat(store().list("c/")).isEmpty();
        assertThat(store().list("a/1/x")).isEmpty();
    }

    @Test
    void keysOutsideTheGrammarAreRefusedEverywhere() {
        List<String> bad = new ArrayList<>(List.of(
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "a/../b",
                "../a",
                "a/.",
                "a/./b",
                "a b",
                "a\\b",
                "a\0b",
                "a\nb",
                "caf\u00e9",
                "a:b",
                "a+b",
                "a%2e",
                "'a'",
                "\"a\"",
                "~",
                "tmp",
                "tmp/a",
                "x".repeat(256)));
        bad.add("a/".repeat(450) + "b");
        for (String key : bad) {
            assertThatThrownBy(() -> store().putIfAbsent(key, Body.of("x")))
                    .as(key)
                    .isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> all(store(), key)).as(key).isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> store().read(key, 0, new byte[1], 0, 1))
                    .as(key)
                    .isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> store().size(key)).as(key).isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> store().delete(key)).as(key).isInstanceOf(UsageException.class);
        }
        for (String prefix : List.of("../", "a/../", "/", "a//", "\u00e9", "a b")) {
            assertThatThrownBy(() -> store().list(prefix)).as(prefix).isInstanceOf(UsageException.class);
        }
        assertThat(store().list("")).isEmpty();
    }

    @Test
    void keysAtTheLimitsAreTaken() throws Exception {
        String longest = "a/".repeat(449) + "bc";
        assertThat(longest).hasSize(900);
        for (String key :
                List.of(longest, "x".repeat(longestPart()), "..a/...", "=41/a=b_c-d.e", "-", "temp/tmp", "tmp.json")) {
            assertThat(store().putIfAbsent(key, Body.of(key))).as(key).isEqualTo(PutOutcome.CREATED);
            assertThat(all(otherView(), key)).asString().isEqualTo(key);
        }
    }

    @Test
    void bodyThatIsNotWhatItAnnouncedCreatesNothing() {
        for (int actual : new int[] {0, 9, 11, 500_000}) {
            Body lying = body(10, () -> new ByteArrayInputStream(new byte[actual]));

            assertThatThrownBy(() -> store().putIfAbsent("lie", lying))
                    .as("%d bytes", actual)
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("lie")
                    .hasMessageContaining("10");
        }
        assertThat(store().size("lie")).isEmpty();
        assertThat(store().list("")).isEmpty();
    }

    @Test
    void bodyThatFailsCreatesNothing() {
        Body closed = body(10, () -> {
            throw new IOException("No space left on device");
        });
        Body torn = body(200_000, () -> new InputStream() {
            private int left = 150_000;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    throw new IOException("connection reset");
                }
                left--;
                return 1;
            }
        });
        Body busy = body(10, () -> {
            throw new BusyException("the source is busy", "wait");
        });

        assertThatThrownBy(() -> store().putIfAbsent("k", closed)).isInstanceOf(NotAppliedException.class);
        assertThatThrownBy(() -> store().putIfAbsent("k", torn))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("connection reset");
        assertThatThrownBy(() -> store().putIfAbsent("k", busy)).isInstanceOf(BusyException.class);
        assertThat(store().size("k")).isEmpty();
        assertThat(store().list("")).isEmpty();
        assertThat(store().putIfAbsent("k", Body.of("good"))).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void unfinishedObjectIsSeenByNobody() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Body slow = body(2, () -> new InputStream() {
            private int sent;

            @Override
            public int read() throws IOException {
                if (sent == 1) {
                    half.countDown();
                    await(go);
                }
                return sent++ < 2 ? 'x' : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int b = read();
                if (b < 0) {
                    return -1;
                }
                into[offset] = (byte) b;
                return 1;
            }
        });
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<PutOutcome> put = writer.submit(() -> store().putIfAbsent("dir/slow", slow));
            assertThat(half.await(30, TimeUnit.SECONDS)).isTrue();

            assertThat(otherView().size("dir/slow")).isEmpty();
            assertThat(otherView().list("")).isEmpty();
            assertThatThrownBy(() -> all(otherView(), "dir/slow")).isInstanceOf(NotFoundException.class);

            go.countDown();
            assertThat(put.get(30, TimeUnit.SECONDS)).isEqualTo(PutOutcome.CREATED);
            assertThat(all(otherView(), "dir/slow")).asString().isEqualTo("xx");
        } finally {
            go.countDown();
            writer.shutdownNow();
        }
    }

    @Test
    void readerMayStopEarly() throws Exception {
        store().putIfAbsent("big", Body.of(bytes(1_000_000)));

        for (int i = 0; i < 50; i++) {
            try (InputStream in = store().get("big")) {
                assertThat(in.read()).isNotNegative();
            }
        }
    }

    private interface Opening {
        InputStream open() throws IOException;
    }

    private interface Writer {
        PutOutcome write(int number);
    }

    private List<PutOutcome> together(Writer writer) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<PutOutcome>> running = IntStream.range(0, WRITERS)
                    .mapToObj(i -> threads.submit(() -> {
                        start.await();
                        return writer.write(i);
                    }))
                    .toList();
            start.countDown();
            List<PutOutcome> outcomes = new ArrayList<>();
            for (Future<PutOutcome> one : running) {
                outcomes.add(one.get(60, TimeUnit.SECONDS));
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
        }
    }

    private byte[] bytes(int length) {
        byte[] out = new byte[length];
        random.nextBytes(out);
        return Arrays.copyOf(out, length);
    }

    private static byte[] all(ObjectStore store, String key) throws IOException {
        try (InputStream in = store.get(key)) {
            return in.readAllBytes();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody went on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Body body(long sizeBytes, Opening opening) {
        return new Body() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() throws IOException {
                return opening.open();
            }
        };
    }
}
