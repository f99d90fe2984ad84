package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.synthesis.ContentTap;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Joins what a base has of partitions with the journal's records of them, both by token and key, and tells of records what
 * the rows that they touch were just before: by the same reconciliation as {@link KeyHistory}, for all keys at once.
 *
 * <p>Each row is followed by itself, so memory grows neither with partitions nor with what is known of one: what does not fit
 * is sorted on scratch. One thread; {@link #close} gives scratch back.
 */
public final class BeforeValues implements AutoCloseable {
    /**
     * @param memoryBytes of what is sorted in memory, twice; and a few times the largest row or update
     * @param partBytes after which a part ends
     */
    public record Limits(int memoryBytes, int partBytes) {
        public static final Limits STANDARD = new Limits(8 << 20, 64 << 10);
    }

    private final IntFunction<TableDefinition> definitions;
    private final int version;
    private final Scratch scratch;
    private final BeforeSink sink;
    private final ScratchDirectory directory;
    private final PartitionPast partition;
    private final RowLayout layout;

    /**
     * @param definitions of the table, by version of the schema
     * @param version by which the base is understood
     * @param firstNumber of the records of which is told what was before; earlier ones are applied to the base
     */
    public BeforeValues(
            IntFunction<TableDefinition> definitions,
            int version,
            long firstNumber,
            Limits limits,
            Scratch scratch,
            BeforeSink sink) {
        this.definitions = definitions;
        this.version = version;
        this.scratch = scratch;
        this.sink = sink;
        Map<Integer, PastCoding> codings = new HashMap<>();
        IntFunction<PastCoding> coding =
                of -> codings.computeIfAbsent(of, key -> new PastCoding(key, definitions.apply(key)));
        this.layout = coding.apply(version).layout;
        this.directory = new ScratchDirectory(scratch, "before-");
        this.partition = new PartitionPast(coding, version, firstNumber, limits, directory);
    }

    /**
     * Joins; to be called for one stretch of tokens after the other.
     *
     * @param inputs what the base has there; may have other partitions as well
     * @param changes by token, key and number, of all partitions of which is to be told; one is used up before the next is
     *     asked for
     * @throws CorruptUpdateException a record is wrong; names it
     * @throws dev.hindsight.synthesis.CorruptInputException an input is damaged; names it
     */
    public void run(List<InputSSTable> inputs, Iterator<PastChange> changes) {
        Join join = new Join(changes);
        if (!inputs.isEmpty()) {
            ContentScan.run(definitions.apply(version), inputs, 0, layout, join, scratch);
        }
        join.end();
    }

    @Override
    public void close() {
        partition.close();
        directory.close();
    }

    /** Takes the base's partitions, and goes over the journal's between them. */
    private final class Join implements PartitionSink, ContentTap {
        private final Iterator<PastChange> changes;
        private final Arena pending = new Arena(1 << 10);
        private @Nullable PastChange first;
        private byte[] key = new byte[64];
        private int keyLength;
        private long token;
        private boolean wanted;
        private long baseDeletedAt;
        private long baseDeletionTime;

        Join(Iterator<PastChange> changes) {
            this.changes = changes;
            goOn();
        }

        private void goOn() {
            first = changes.hasNext() ? changes.next() : null;
        }

        /** Gathers the records of the partition that the first of them is of. */
        private void gather(PastChange of) {
            Update update = of.update();
            if (key.length < update.keyLength) {
                key = new byte[2 * update.keyLength];
            }
            System.arraycopy(update.bytes, update.keyAt, key, 0, update.keyLength);
            keyLength = update.keyLength;
            token = update.token;
            partition.begin();
            for (PastChange one = first;
                    one != null && compare(one.update(), token, key, keyLength) == 0;
                    one = first) {
                partition.add(one);
                goOn();
            }
        }

        private static int compare(Update update, long token, byte[] key, int keyLength) {
            return update.token != token
                    ? Long.compare(update.token, token)
                    : Arrays.compareUnsigned(
                            update.bytes, update.keyAt, update.keyAt + update.keyLength, key, 0, keyLength);
        }

        /** Of a partition that the base does not have. */
        private void alone(PastChange of) {
            gather(of);
            partition.base(RowFormat.NO_TIMESTAMP, RowFormat.NO_DELETION_TIME, key, 0, 0);
            partition.end(key, keyLength, token, sink);
        }

        @Override
        public PartitionSink over(PartitionSink to, RowLayout of) {
            return this;
        }

        @Override
        public void end() {
            for (PastChange one = first; one != null; one = first) {
                alone(one);
            }
        }

        @Override
        public void begin(byte[] ofKey, int length, long ofToken, long deletedAt, long deletionTime) {
            PastChange one = first;
            while (one != null && compare(one.update(), ofToken, ofKey, length) < 0) {
                alone(one);
                one = first;
            }
            wanted = one != null && compare(one.update(), ofToken, ofKey, length) == 0;
            if (wanted && one != null) {
                gather(one);
                baseDeletedAt = deletedAt;
                baseDeletionTime = deletionTime;
                pending.clear();
            }
        }

        @Override
        public void append(byte[] bytes, int offset, int length) {
            if (wanted) {
                pending.append(bytes, offset, length);
            }
        }

        @Override
        public void endHeader() {
            if (wanted) {
                int staticAt = 1 + 2 + keyLength + (baseDeletedAt == RowFormat.NO_TIMESTAMP ? 1 : 12);
                partition.base(baseDeletedAt, baseDeletionTime, pending.bytes, staticAt, pending.length - staticAt);
                pending.clear();
            }
        }

        @Override
        public void unfiltered(
                int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
            if (!wanted) {
                return;
            }
            if (kind == RowFormat.CLUSTERING) {
                partition.baseRow(clustering, offset, length, values, pending.bytes, 1, pending.length - 1);
            } else {
                partition.baseMarker(kind, clustering, offset, values, openAt, openTime);
            }
            pending.clear();
        }

        @Override
        public void rows(RowBatch batch, long openAt, long openTime) {
            if (wanted) {
                PartitionSink.super.rows(batch, openAt, openTime);
            }
        }

        @Override
        public void add(PartitionStatistics statistics) {}

        @Override
        public void end(PartitionStatistics statistics) {
            if (wanted) {
                wanted = false;
                partition.end(key, keyLength, token, sink);
            }
        }
    }
}
