package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.Scratch;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The verdict on every run that has changes, in token order, in a file in scratch. First written, then read as often as
 * wanted. One thread.
 */
public final class Verdicts implements AutoCloseable {
    /** So that reading what is compared takes no more than so many places of a stored file. */
    static final int MOST_RANGES = 4096;

    private static final int ENTRY_BYTES = 8 + 8 + 8 + 1 + 1;

    private final Path file;
    private final Scratch scratch;
    private DataOutputStream out;
    private long reserved;
    private final long[] runs = new long[Verdict.values().length];
    private long knownPartitions;
    private FewRanges changed = new FewRanges(MOST_RANGES);

    public Verdicts(Path file, Scratch scratch) {
        this.file = file;
        this.scratch = scratch;
        this.out = open();
    }

    private DataOutputStream open() {
        try {
            return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 14));
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }

    void restart() {
        close();
        scratch.release(reserved);
        reserved = 0;
        java.util.Arrays.fill(runs, 0);
        knownPartitions = 0;
        changed = new FewRanges(MOST_RANGES);
        out = open();
    }

    /**
     * @param earliestMicros no write time of the changes is earlier
     * @param known whether a layer has a run of just these tokens
     */
    void add(long start, long end, long earliestMicros, boolean known, Verdict verdict, long partitions) {
        scratch.reserve(ENTRY_BYTES);
        reserved += ENTRY_BYTES;
        try {
            out.writeLong(start);
            out.writeLong(end);
            out.writeLong(earliestMicros);
            out.writeBoolean(known);
            out.writeByte(verdict.ordinal());
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
        runs[verdict.ordinal()]++;
        if (verdict == Verdict.KNOWN) {
            knownPartitions += partitions;
        } else {
            changed.add(start, end);
        }
    }

    public long runs(Verdict verdict) {
        return runs[verdict.ordinal()];
    }

    /** Partitions of changes in runs that are {@link Verdict#KNOWN}. */
    public long knownPartitions() {
        return knownPartitions;
    }

    /**
     * Holds all runs to {@link Verdict#COMPARE} of which a layer may have something, and perhaps some between them. Call it
     * when all was written.
     *
     * @param newestMicros no write time of the layer is later: it has nothing of runs that are later throughout
     */
    public TokenRanges compared(long newestMicros) {
        FewRanges compared = new FewRanges(MOST_RANGES);
        try (Reader reader = read()) {
            while (reader.any) {
                if (reader.verdict == Verdict.COMPARE && reader.earliestMicros <= newestMicros) {
                    compared.add(reader.start, reader.end);
                }
                reader.next();
            }
        }
        return compared.ranges();
    }

    /** Holds all runs that are not {@link Verdict#KNOWN}, and perhaps some between them. */
    public TokenRanges changed() {
        return changed.ranges();
    }

    /** All was written. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }

    /** From the first run on; close it. */
    public Reader read() {
        try {
            return new Reader(new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 14)));
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }

    /** Goes forward over the runs. One thread. */
    public final class Reader implements AutoCloseable {
        private final DataInputStream in;
        private long left;
        private boolean any;
        private long start;
        private long end;
        private long earliestMicros;
        private boolean known;
        private Verdict verdict = Verdict.KNOWN;

        private Reader(DataInputStream in) {
            this.in = in;
            for (long count : runs) {
                left += count;
            }
            next();
        }

        private void next() {
            any = left > 0;
            if (!any) {
                return;
            }
            left--;
            try {
                start = in.readLong();
                end = in.readLong();
                earliestMicros = in.readLong();
                known = in.readBoolean();
                verdict = Verdict.values()[in.readByte()];
            } catch (IOException e) {
                throw ScratchFiles.unusable(file, e);
            }
        }

        /** Whether a run with changes holds the token, which is then at hand. Tokens never fall. */
        public boolean find(long token) {
            while (any && end < token) {
                next();
            }
            return any && start < token;
        }

        public long start() {
            return start;
        }

        public long end() {
            return end;
        }

        /** Whether its tokens are those of some layer's run. */
        public boolean isKnownRun() {
            return known;
        }

        public Verdict verdict() {
            return verdict;
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw ScratchFiles.unusable(file, e);
            }
        }
    }

    /** Ranges in order, joined over the smallest gaps when there are too many. */
    static final class FewRanges {
        private final int most;
        private List<TokenRange> ranges = new ArrayList<>();

        FewRanges(int most) {
            this.most = most;
        }

        void add(long start, long end) {
            TokenRange last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.end() == start) {
                ranges.set(ranges.size() - 1, new TokenRange(last.start(), end));
                return;
            }
            ranges.add(new TokenRange(start, end));
            if (ranges.size() >= 2 * most) {
                join();
            }
        }

        private void join() {
            long[] gaps = new long[ranges.size() - 1];
            for (int i = 0; i < gaps.length; i++) {
                gaps[i] = gap(i) + Long.MIN_VALUE;
            }
            java.util.Arrays.sort(gaps);
            long widest = gaps[gaps.length - most];
            List<TokenRange> joined = new ArrayList<>();
            joined.add(ranges.get(0));
            for (int i = 0; i < gaps.length; i++) {
                TokenRange next = ranges.get(i + 1);
                TokenRange last = joined.get(joined.size() - 1);
                if (gap(i) + Long.MIN_VALUE <= widest) {
                    joined.set(joined.size() - 1, new TokenRange(last.start(), next.end()));
                } else {
                    joined.add(next);
                }
            }
            ranges = joined;
        }

        /** Unsigned. */
        private long gap(int i) {
            return ranges.get(i + 1).start() - ranges.get(i).end();
        }

        TokenRanges ranges() {
            if (ranges.size() > most) {
                join();
            }
            return TokenRanges.of(ranges);
        }
    }
}
