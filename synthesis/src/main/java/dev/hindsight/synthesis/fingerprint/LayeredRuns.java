package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs of all layers of a chain, laid over each other. Where a hash of any layer fits, the content is in the chain:
 * either the layer's own merged state is that content, or something newer lies above it, which merging keeps. So no layer
 * hides another, and their order means nothing.
 *
 * <p>The ends of runs are those of the whole shard below, which the incremental ones above use too; a run that has other
 * ends, or does not lie within what counts of its layer, is no help and passed over. Goes forward only. One thread.
 */
public final class LayeredRuns {
    private final List<Layer> layers;
    private boolean known;
    private long start;
    private long end;

    /** One layer's fingerprints while they are read. */
    private static final class Layer {
        final FingerprintReader reader;
        final List<TokenRange> ranges;
        int range;
        boolean any;

        Layer(FingerprintReader reader, TokenRanges ranges) {
            this.reader = reader;
            this.ranges = ranges.ranges();
        }

        void restart() {
            reader.rewind();
            range = 0;
            any = reader.next();
        }

        /** Whether it has a run that holds the token and counts. */
        boolean find(long token) {
            while (any && reader.end() < token) {
                any = reader.next();
            }
            return any && reader.start() < token && counts();
        }

        private boolean counts() {
            while (range < ranges.size() && ranges.get(range).end() < reader.end()) {
                range++;
            }
            return range < ranges.size() && ranges.get(range).start() <= reader.start();
        }
    }

    /**
     * @param fingerprints of whole layers first: theirs are the ends that count
     * @param ranges what of each counts
     */
    public LayeredRuns(List<FingerprintReader> fingerprints, List<TokenRanges> ranges) {
        List<Layer> all = new ArrayList<>();
        for (int i = 0; i < fingerprints.size(); i++) {
            all.add(new Layer(fingerprints.get(i), ranges.get(i)));
        }
        this.layers = List.copyOf(all);
    }

    void restart() {
        layers.forEach(Layer::restart);
    }

    /** Goes to the run that holds the token; where there is none, it is that token alone. Tokens never fall. */
    void find(long token) {
        known = false;
        start = token - 1;
        end = token;
        for (Layer layer : layers) {
            boolean found = layer.find(token);
            if (found && !known) {
                known = true;
                start = layer.reader.start();
                end = layer.reader.end();
            }
        }
    }

    long start() {
        return start;
    }

    long end() {
        return end;
    }

    /** Whether a layer has the run at hand, so that a hash of it can be of use later. */
    boolean isKnown() {
        return known;
    }

    /** Whether some layer's hash of the run at hand is this one. To be asked before another run is looked for. */
    boolean has(long hash) {
        if (!known) {
            return false;
        }
        for (Layer layer : layers) {
            if (layer.any
                    && layer.reader.start() == start
                    && layer.reader.end() == end
                    && layer.counts()
                    && layer.reader.hash() == hash) {
                return true;
            }
        }
        return false;
    }
}
