package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;

/**
 * The stored shards whose merge is a table as it was at one backup, each with the token ranges for which it counts.
 *
 * <p>Goes from the backup over its parents. A whole shard holds everything there was in its ranges, so below it nothing
 * counts there; an incremental one needs what lies below. Layers may overlap; their order is that of the walk, newest
 * first, but merging has none.
 *
 * @param <S> what names a stored shard
 * @param layers newest backup first; none with empty ranges
 * @param missing ranges where the walk ended above a whole shard: with these, the chain is broken
 */
public record ChainLayers<S>(List<Layer<S>> layers, TokenRanges missing) {
    /**
     * One shard of one table as a backup stored it.
     *
     * @param incremental it holds only what changes the layers below
     */
    public record Stored<S>(S shard, TokenRanges ranges, boolean incremental) {}

    /**
     * @param depth how many parents below the backup; 0 is the backup's own
     * @param ranges of the shard, those that count
     */
    public record Layer<S>(S shard, TokenRanges ranges, boolean incremental, int depth) {}

    public ChainLayers {
        layers = List.copyOf(layers);
    }

    /**
     * @param levels the table's shards in the backup, in its parent, and so on; empty for a backup that did not hold the
     *     table. Shards of one level do not overlap
     */
    public static <S> ChainLayers<S> of(List<List<Stored<S>>> levels) {
        return of(levels, TokenRanges.FULL);
    }

    /** The same for some ranges of the ring only. */
    public static <S> ChainLayers<S> of(List<List<Stored<S>>> levels, TokenRanges wanted) {
        Walk<S> walk = new Walk<>(wanted);
        levels.forEach(walk::step);
        return walk.end();
    }

    /** What of it counts in {@code ranges}. */
    public ChainLayers<S> within(TokenRanges ranges) {
        List<Layer<S>> out = new ArrayList<>();
        for (Layer<S> layer : layers) {
            TokenRanges some = layer.ranges().intersect(ranges);
            if (!some.isEmpty()) {
                out.add(new Layer<>(layer.shard(), some, layer.incremental(), layer.depth()));
            }
        }
        return new ChainLayers<>(out, missing.intersect(ranges));
    }

    /** How many backups one has to read at most. */
    public int backups() {
        return (int) layers.stream().mapToInt(Layer::depth).distinct().count();
    }

    /** The same level by level, for who loads parents only as far as they are needed. One thread. */
    public static final class Walk<S> {
        private final List<Layer<S>> layers = new ArrayList<>();
        private TokenRanges remaining;
        private int depth;

        public Walk(TokenRanges wanted) {
            remaining = wanted;
        }

        /** Nothing below counts any more. */
        public boolean done() {
            return remaining.isEmpty();
        }

        public void step(List<Stored<S>> level) {
            TokenRanges left = remaining;
            for (Stored<S> stored : level) {
                TokenRanges ranges = stored.ranges().intersect(remaining);
                if (ranges.isEmpty()) {
                    continue;
                }
                layers.add(new Layer<>(stored.shard(), ranges, stored.incremental(), depth));
                if (!stored.incremental()) {
                    left = left.subtract(ranges);
                }
            }
            remaining = left;
            depth++;
        }

        public ChainLayers<S> end() {
            return new ChainLayers<>(layers, remaining);
        }
    }
}
