package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.List;

/**
 * The runs of a shard that holds all there is in its ranges: they tile the ranges, and each ends behind the partition with
 * which it is large enough, or where its range does. One thread.
 */
public final class WholeRuns implements Runs {
    /** In the canonical coding, which is about half as much as an SSTable takes before compression. */
    static final int RUN_BYTES = 2048;

    private final List<TokenRange> ranges;
    private final FingerprintWriter to;
    private int range;
    private long start;
    private long lastToken;

    public WholeRuns(TokenRanges ranges, FingerprintWriter to) {
        this.ranges = ranges.ranges();
        this.to = to;
    }

    @Override
    public void restart() {
        to.restart();
        range = 0;
        start = ranges.isEmpty() ? 0 : ranges.get(0).start();
        lastToken = start;
    }

    @Override
    public void before(long token, RunContent content) {
        if (content.bytes() >= RUN_BYTES && token != lastToken) {
            to.add(start, lastToken, content.take());
            start = lastToken;
        }
        while (token > ranges.get(range).end()) {
            closeRange(content);
        }
        lastToken = token;
    }

    private void closeRange(RunContent content) {
        if (start < ranges.get(range).end()) {
            to.add(start, ranges.get(range).end(), content.take());
        }
        range++;
        start = range < ranges.size() ? ranges.get(range).start() : start;
    }

    @Override
    public void end(RunContent content) {
        while (range < ranges.size()) {
            closeRange(content);
        }
        to.finish();
    }
}
