package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Joins the records of a plan with its base, and puts what was before them; nothing names it yet. Of the base only those blocks
 * are read that hold partitions which the records touch, as far as some hundred ranges of tokens tell them apart; of a large
 * base some at a time, so that scratch holds them. One thread, one use.
 *
 * <p>Memory: 8 bytes for each token, 16 for each record of an object, 16 MiB for the journal's segments, and what {@link
 * BeforeValues} takes.
 */
final class BeforeRun {
    /** Of a base that is read at a time; each costs a look into an index. */
    private static final int MOST_RANGES = 256;

    private final ObjectStore store;
    private final JournalLog log;
    private final Scratch scratch;
    private final RandomGenerator random;
    private final BeforeValues.Limits limits;

    BeforeRun(ObjectStore store, JournalLog log, Scratch scratch, RandomGenerator random, BeforeValues.Limits limits) {
        this.store = store;
        this.log = log;
        this.scratch = scratch;
        this.random = random;
        this.limits = limits;
    }

    /** @param updateBytes of the records of which it was asked what was before */
    record Result(Completion completion, long records, long updateBytes) {}

    Result run(BeforePlan plan) {
        Touched touched = touched(plan);
        try (BeforeObjects objects = new BeforeObjects(store, log, scratch, random, plan.firstNumber())) {
            if (touched.tokens.length > 0) {
                try (BeforeValues values = new BeforeValues(
                        plan.definitions(), plan.version(), plan.firstNumber(), limits, scratch, objects)) {
                    join(plan, touched.tokens, values);
                }
            }
            Failpoints.hit(Failpoint.COMPLETE_JOINED);
            return new Result(
                    new Completion(
                            plan.firstNumber(),
                            plan.lastNumber(),
                            plan.base(),
                            objects.finish(),
                            plan.sureSinceMicros()),
                    touched.records,
                    touched.updateBytes);
        }
    }

    private void join(BeforePlan plan, long[] tokens, BeforeValues values) {
        long share = Math.max(1, scratch.limitBytes() / 4);
        long slices = Math.min(tokens.length, 1 + plan.baseBytes() / share);
        List<Segment> segments = plan.segments().stream()
                .filter(segment ->
                        segment.lastMicros() >= plan.fromMicros() && segment.firstNumber() <= plan.lastNumber())
                .toList();
        for (long slice = 0; slice < slices; slice++) {
            int from = (int) (tokens.length * slice / slices);
            int to = (int) (tokens.length * (slice + 1) / slices);
            if (from < to) {
                PastRecords records = new PastRecords(
                        store,
                        log.tableId(),
                        segments,
                        tokens,
                        from,
                        to,
                        plan.fromMicros(),
                        plan.lastNumber(),
                        plan.definitions(),
                        plan.steps());
                values.run(plan.inputs().apply(ranges(tokens, from, to)), records);
            }
        }
    }

    /** @param tokens sorted, without any twice */
    private record Touched(long[] tokens, long records, long updateBytes) {}

    private Touched touched(BeforePlan plan) {
        long[] tokens = new long[1 << 10];
        int count = 0;
        long records = 0;
        long bytes = 0;
        for (Segment segment : plan.segments()) {
            if (segment.firstNumber() > plan.lastNumber() || segment.lastNumber() < plan.firstNumber()) {
                continue;
            }
            RecordCursor cursor = PastRecords.open(store, log.tableId(), segment)
                    .cursor(TokenRange.FULL, plan.firstNumber(), plan.lastNumber());
            while (cursor.next()) {
                records++;
                bytes += cursor.updateLength;
                if (count > 0 && tokens[count - 1] == cursor.token) {
                    continue;
                }
                if (count == tokens.length) {
                    tokens = Arrays.copyOf(tokens, 2 * count);
                }
                tokens[count++] = cursor.token;
            }
        }
        Arrays.sort(tokens, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || tokens[i] != tokens[i - 1]) {
                tokens[distinct++] = tokens[i];
            }
        }
        return new Touched(Arrays.copyOf(tokens, distinct), records, bytes);
    }

    /** Around all of them, cut where they are farthest apart. */
    static TokenRanges ranges(long[] tokens, int from, int to) {
        int cuts = Math.min(MOST_RANGES, to - from) - 1;
        List<Integer> behind = new ArrayList<>();
        for (int i = from + 1; i < to; i++) {
            behind.add(i);
        }
        behind.sort(Comparator.comparing(i -> tokens[i] - tokens[i - 1], (a, b) -> Long.compareUnsigned(b, a)));
        List<Integer> starts = new ArrayList<>(behind.subList(0, cuts));
        starts.add(from);
        starts.sort(null);
        Collection<TokenRange> out = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            int last = i + 1 < starts.size() ? starts.get(i + 1) - 1 : to - 1;
            out.add(new TokenRange(tokens[starts.get(i)] - 1, tokens[last]));
        }
        return TokenRanges.of(out);
    }
}
