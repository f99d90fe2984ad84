package dev.hindsight.engine.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReadExtentsTest {
    private static final long CHUNK = 16384;

    @Test
    void aWholeFileIsOwnedWhole() {
        ReadExtents extents = new ReadExtents(10 * CHUNK);
        extents.add(5 * CHUNK, 5 * CHUNK);
        extents.add(0, 5 * CHUNK);

        assertThat(extents.estimatedOwnedBytes()).isEqualTo(10 * CHUNK);
    }

    @Test
    void halfOfAChunkIsTakenOffEachCutEnd() {
        ReadExtents extents = new ReadExtents(100 * CHUNK);
        extents.add(10 * CHUNK, 10 * CHUNK);
        extents.add(90 * CHUNK, 10 * CHUNK);

        assertThat(extents.estimatedOwnedBytes()).isEqualTo(20 * CHUNK - 3 * ReadExtents.HALF_CHUNK_BYTES);
    }

    @Test
    void overlappingReadsCountOnceInAnyOrder() {
        long seed = Long.getLong("test.seed", 7L);
        SplittableRandom random = new SplittableRandom(seed);
        boolean[] seen = new boolean[1000];
        ReadExtents extents = new ReadExtents(1000);
        for (int i = 0; i < 40; i++) {
            int from = random.nextInt(990);
            int length = 1 + random.nextInt(10);
            extents.add(from, length);
            for (int at = from; at < from + length; at++) {
                seen[at] = true;
            }
        }
        long expected = 0;
        int start = -1;
        for (int at = 0; at <= 1000; at++) {
            boolean in = at < 1000 && seen[at];
            if (in && start < 0) {
                start = at;
            } else if (!in && start >= 0) {
                long length = at - start;
                int cuts = (start > 0 ? 1 : 0) + (at < 1000 ? 1 : 0);
                expected += length - cuts * Math.min(ReadExtents.HALF_CHUNK_BYTES, length / 4);
                start = -1;
            }
        }

        assertThat(extents.estimatedOwnedBytes()).as("seed " + seed).isEqualTo(expected);
    }
}
