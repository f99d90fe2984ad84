package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Store;
import dev.hindsight.testkit.fault.FaultProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A bad network between the store and a real server. */
class S3FaultsTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);

    private final S3Server server = S3Server.shared();
    private final String bucket = server.newBucket();
    private final FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
    private final S3Store direct = S3Store.open(server.settings(bucket).build());
    private final S3Store store = S3Store.open(throughProxy().attempts(4).build());

    private S3Settings.Builder throughProxy() {
        return server.settings(bucket)
                .endpoint(URI.create("http://" + proxy.host() + ":" + proxy.port()))
                .timeout(Duration.ofSeconds(2));
    }

    @AfterEach
    void close() {
        store.close();
        direct.close();
        proxy.close();
    }

    @Test
    void putWhoseAnswerIsLostIsRecognisedAsOurs() throws Exception {
        byte[] content = bytes(300_000);
        AtomicInteger opened = new AtomicInteger();
        Body body = body(content, () -> {
            // The answer to the first attempt ends with its first byte; what the client asks later comes through.
            if (opened.incrementAndGet() == 1) {
                proxy.resetAfter(26);
            } else {
                proxy.heal();
            }
        });

        assertThat(store.putIfAbsent("lost", body)).isEqualTo(PutOutcome.CREATED);

        assertThat(opened).as("seed %d", SEED).hasValueGreaterThan(1);
        assertThat(all(direct, "lost")).isEqualTo(content);
    }

    @Test
    void objectOfSomebodyElseIsNotTakenForOursAfterALostAnswer() throws Exception {
        byte[] ours = bytes(100_000);
        byte[] theirs = ours.clone();
        theirs[99_999] ^= 1;
        AtomicInteger opened = new AtomicInteger();
        Body body = body(ours, () -> {
            if (opened.incrementAndGet() == 1) {
                proxy.resetAfter(0);
                direct.putIfAbsent("race", Body.of(theirs));
            } else {
                proxy.heal();
            }
        });

        assertThat(store.putIfAbsent("race", body)).isEqualTo(PutOutcome.EXISTS);

        assertThat(all(direct, "race")).isEqualTo(theirs);
    }

    @Test
    void putWithoutAnyAnswerHasAnUnknownOutcome() {
        proxy.resetAfter(0);

        assertThatThrownBy(() -> store.putIfAbsent("unknown", Body.of(bytes(200_000))))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("unknown")
                .hasMessageContaining(bucket);
    }

    @Test
    void putThatReachesNobodyWasNotApplied() {
        try (S3Store unreachable = S3Store.open(throughProxy().attempts(2).build())) {
            proxy.close();
            // Uses up the connection that was open before, which would be broken after a part was sent on it.
            assertThatThrownBy(() -> unreachable.size("k")).isInstanceOf(StoreUnreachableException.class);

            assertThatThrownBy(() -> unreachable.putIfAbsent("k", Body.of("x")))
                    .isInstanceOf(StoreUnreachableException.class)
                    .matches(e -> ((HindsightException) e).retryable());
        }
        assertThat(direct.size("k")).isEmpty();
    }

    @Test
    void stalledServerEndsTheCallInTime() {
        try (S3Store impatient = S3Store.open(
                throughProxy().attempts(2).timeout(Duration.ofMillis(500)).build())) {
            direct.putIfAbsent("there", Body.of(bytes(100_000)));
            proxy.stall();
            long begin = System.nanoTime();

            assertThatThrownBy(() -> impatient.putIfAbsent("stalled", Body.of(bytes(50_000_000))))
                    .isInstanceOf(OutcomeUnknownException.class);
            assertThatThrownBy(() -> impatient.size("there")).isInstanceOf(StoreUnreachableException.class);
            assertThatThrownBy(() -> all(impatient, "there")).isInstanceOf(StoreUnreachableException.class);
            assertThatThrownBy(() -> impatient.list("")).isInstanceOf(StoreUnreachableException.class);
            assertThatThrownBy(() -> impatient.delete("there")).isInstanceOf(StoreUnreachableException.class);

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
        }
    }

    @Test
    void readGoesOnWhereTheConnectionBroke() throws Exception {
        byte[] content = bytes(3_000_000);
        direct.putIfAbsent("big", Body.of(content));
        proxy.resetAfter(700_000);

        assertThat(all(store, "big")).isEqualTo(content);
        byte[] range = new byte[600_000];
        store.read("big", 1_000_000, range, 0, range.length);

        assertThat(range).isEqualTo(java.util.Arrays.copyOfRange(content, 1_000_000, 1_600_000));
        assertThat(proxy.connections()).isGreaterThan(4);
    }

    @Test
    void answerThatEndsInGoodOrderTooEarlyIsNotTheEndOfTheObject() throws Exception {
        byte[] content = bytes(1_000_000);
        direct.putIfAbsent("cut", Body.of(content));
        proxy.cutAfter(400_000);

        assertThat(all(store, "cut")).isEqualTo(content);
    }

    @Test
    void readThatNeverGetsAnywhereGivesUp() {
        direct.putIfAbsent("big", Body.of(bytes(1_000_000)));
        proxy.cutAfter(100);

        assertThatThrownBy(() -> all(store, "big"))
                .isInstanceOfAny(IOException.class, StoreUnreachableException.class)
                .hasMessageContaining("big");
        assertThatThrownBy(() -> store.read("big", 0, new byte[500_000], 0, 500_000))
                .isInstanceOf(StoreUnreachableException.class);
    }

    @Test
    void replacedObjectIsNotPatchedTogetherFromTwo() throws Exception {
        direct.putIfAbsent("swap", Body.of(bytes(8_000_000)));
        // So slow that the end cannot be here already.
        proxy.bandwidth(2_000_000);
        try (InputStream in = store.get("swap")) {
            assertThat(in.readNBytes(100_000)).hasSize(100_000);
            direct.delete("swap");
            direct.putIfAbsent("swap", Body.of(new byte[8_000_000]));
            proxy.resetAll();
            proxy.heal();

            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void sourceThatFailsIsNotTakenForABadNetwork() {
        Body torn = new Body() {
            @Override
            public long sizeBytes() {
                return 1_000_000;
            }

            @Override
            public InputStream open() {
                return new InputStream() {
                    private int left = 600_000;

                    @Override
                    public int read() throws IOException {
                        if (left == 0) {
                            throw new IOException("disk gone");
                        }
                        left--;
                        return 1;
                    }
                };
            }
        };

        assertThatThrownBy(() -> store.putIfAbsent("torn", torn))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("disk gone");
        assertThat(direct.size("torn")).isEmpty();
    }

    private static byte[] bytes(int length) {
        byte[] out = new byte[length];
        new Random(SEED).nextBytes(out);
        return out;
    }

    private static byte[] all(S3Store from, String key) throws IOException {
        try (InputStream in = from.get(key)) {
            return in.readAllBytes();
        }
    }

    private static Body body(byte[] content, Runnable atOpen) {
        return new Body() {
            @Override
            public long sizeBytes() {
                return content.length;
            }

            @Override
            public InputStream open() throws IOException {
                atOpen.run();
                return Body.of(content).open();
            }
        };
    }
}
