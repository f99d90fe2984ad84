package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.s3.S3Store;
import dev.hindsight.testkit.fault.FaultProxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Large objects, which go in parts of 16 MiB. */
class S3MultipartTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int SIZE_BYTES = 40 * 1024 * 1024 + 3;

    private final S3Server server = S3Server.shared();
    private final String bucket = server.newBucket();
    private final S3Store store =
            S3Store.open(server.settings(bucket).multipartAboveBytes(1 << 20).build());

    @AfterEach
    void close() {
        Failpoints.disarmAll();
        store.close();
    }

    @Test
    void objectInPartsIsTheSameObject() throws Exception {
        assertThat(store.putIfAbsent("large", generated(SIZE_BYTES))).isEqualTo(PutOutcome.CREATED);

        assertThat(store.size("large")).hasValue(SIZE_BYTES);
        try (InputStream stored = store.get("large");
                InputStream expected = generated(SIZE_BYTES).open()) {
            assertThat(stored).as("seed %d", SEED).hasSameContentAs(expected);
        }
        assertThat(store.list("")).containsExactly("large");
    }

    @Test
    void partsNeverReplaceWhatIsThere() throws Exception {
        store.putIfAbsent("taken", Body.of("small"));
        assertThat(store.putIfAbsent("taken", generated(2 << 20))).isEqualTo(PutOutcome.EXISTS);

        Body late = new Body() {
            @Override
            public long sizeBytes() {
                return 2 << 20;
            }

            @Override
            public InputStream open() throws IOException {
                store.putIfAbsent("overtaken", Body.of("faster"));
                return generated(2 << 20).open();
            }
        };
        assertThat(store.putIfAbsent("overtaken", late)).isEqualTo(PutOutcome.EXISTS);
        try (InputStream in = store.get("overtaken")) {
            assertThat(in).hasContent("faster");
        }
    }

    @Test
    void stepThatFailsBetweenPartsAndObjectLeavesNothing() {
        store.putIfAbsent("first", generated(2 << 20));
        Failpoints.arm("object.parts.sent=error");

        assertThatThrownBy(() -> store.putIfAbsent("cut", generated(2 << 20))).isInstanceOf(NotAppliedException.class);

        assertThat(store.list("")).containsExactly("first");
        assertThat(store.putIfAbsent("cut", generated(2 << 20))).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void bodyThatIsNotWhatItAnnouncedCreatesNothing() {
        for (int actual : new int[] {(2 << 20) - 1, (2 << 20) + 1}) {
            Body lying = new Body() {
                @Override
                public long sizeBytes() {
                    return 2 << 20;
                }

                @Override
                public InputStream open() {
                    return new ByteArrayInputStream(new byte[actual]);
                }
            };
            assertThatThrownBy(() -> store.putIfAbsent("lie", lying)).isInstanceOf(NotAppliedException.class);
        }
        assertThat(store.size("lie")).isEmpty();
    }

    @Test
    void brokenConnectionsCostPartsAndNotTheObject() throws Exception {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
                S3Store shaky = S3Store.open(server.settings(bucket)
                        .endpoint(URI.create("http://" + proxy.host() + ":" + proxy.port()))
                        .timeout(Duration.ofSeconds(10))
                        .multipartAboveBytes(1 << 20)
                        .build())) {
            // A few answers fit through each connection, then it is reset in the middle of one.
            proxy.resetAfter(1500);

            assertThat(shaky.putIfAbsent("shaky", generated(SIZE_BYTES))).isEqualTo(PutOutcome.CREATED);

            proxy.heal();
            try (InputStream stored = store.get("shaky");
                    InputStream expected = generated(SIZE_BYTES).open()) {
                assertThat(stored).as("seed %d", SEED).hasSameContentAs(expected);
            }
        }
    }

    /** The same bytes each time it is opened, without keeping them. */
    private static Body generated(int sizeBytes) {
        return new Body() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() {
                Random random = new Random(SEED);
                return new InputStream() {
                    private int left = sizeBytes;

                    @Override
                    public int read() {
                        byte[] one = new byte[1];
                        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        if (left == 0) {
                            return -1;
                        }
                        // The sequence must not depend on how it is asked for.
                        int n = Math.min(left, length);
                        for (int i = 0; i < n; i++) {
                            into[offset + i] = (byte) random.nextInt();
                        }
                        left -= n;
                        return n;
                    }
                };
            }
        };
    }
}
