package dev.hindsight.synthesis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.oracle.StartedCassandra;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.context.CounterContext.ContextState;
import org.apache.cassandra.db.marshal.ByteBufferAccessor;
import org.apache.cassandra.utils.CounterId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Of two counters with global, local and remote shards, as Cassandra before 2.1 wrote them. */
class CounterContextsTest {
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());

    private final Random random = new Random(SEED);

    @BeforeAll
    static void start() {
        StartedCassandra.ensure();
    }

    private enum Kind {
        GLOBAL,
        LOCAL,
        REMOTE
    }

    @Test
    void mergesWhatCassandraMerges() {
        CounterContexts contexts = new CounterContexts();
        int[] outcomes = new int[3];
        for (int i = 0; i < 200_000; i++) {
            ByteBuffer left = context();
            ByteBuffer right = random.nextInt(20) == 0 ? left.duplicate() : context();
            byte[] expected = bytes(CounterContext.instance().merge(left.duplicate(), right.duplicate()));
            byte[] l = padded(left);
            byte[] r = padded(right);

            int outcome = contexts.merge(l, 3, l.length - 6, r, 3, r.length - 6);

            byte[] got = outcome == CounterContexts.MERGED
                    ? Arrays.copyOf(contexts.merged(), contexts.mergedLength())
                    : bytes(outcome == CounterContexts.LEFT ? left : right);
            assertThat(got)
                    .as("seed %d, %d: %s and %s", SEED, i, hex(l), hex(r))
                    .isEqualTo(expected);
            assertThat(CounterContexts.hasLegacyShards(l, 3, l.length - 6))
                    .isEqualTo(CounterContext.instance().hasLegacyShards(left, ByteBufferAccessor.instance));
            outcomes[outcome + 1]++;
        }
        assertThat(Arrays.stream(outcomes).min().orElseThrow()).isGreaterThan(1000);
    }

    @Test
    void shardsThatWaitToBeClearedAreRefusedByName() {
        ContextState local = ContextState.allocate(0, 1, 0);
        local.writeLocal(CounterId.fromInt(3), 1, 5);
        byte[] bytes = bytes(local.context);
        // As CounterContext.markLocalToBeCleared makes it, which wants a node.
        VInts.putShort2(bytes, 0, -1);

        assertThatThrownBy(() -> new CounterContexts().merge(bytes, 0, bytes.length, bytes, 0, bytes.length))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("2.1");
    }

    private ByteBuffer context() {
        Map<CounterId, Kind> shards = new TreeMap<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            shards.put(CounterId.fromInt(random.nextInt(7)), Kind.values()[random.nextInt(3)]);
        }
        ContextState state = ContextState.allocate(
                count(shards, Kind.GLOBAL), count(shards, Kind.LOCAL), count(shards, Kind.REMOTE));
        shards.forEach((id, kind) -> {
            long clock = random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(6) - 2;
            long count = random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(4) - 1;
            switch (kind) {
                case GLOBAL -> state.writeGlobal(id, clock, count);
                case LOCAL -> state.writeLocal(id, clock, count);
                case REMOTE -> state.writeRemote(id, clock, count);
            }
        });
        return state.context;
    }

    private static int count(Map<CounterId, Kind> shards, Kind kind) {
        return (int) shards.values().stream().filter(one -> one == kind).count();
    }

    private static byte[] bytes(ByteBuffer context) {
        byte[] out = new byte[context.remaining()];
        context.duplicate().get(out);
        return out;
    }

    /** With three bytes of something else on either side. */
    private static byte[] padded(ByteBuffer context) {
        byte[] out = new byte[context.remaining() + 6];
        Arrays.fill(out, (byte) 0x55);
        context.duplicate().get(out, 3, context.remaining());
        return out;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 3, bytes.length - 3);
    }
}
