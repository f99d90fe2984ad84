package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.write.CompressionOptions;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import dev.hindsight.synthesis.cursor.GroupWriter;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.cursor.OutputAccount;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The SSTables that a replay writes, as few as a merge can read at a time: a partition that memory cannot hold makes one
 * for each batch, and as soon as there are many of them, those are merged to one. One thread.
 */
final class ReplayOutput implements PartitionSink, AutoCloseable {
    private static final String GROUP = "journal";

    /** SSTables here are read once, by this process. */
    private static final double NO_BLOOM_FILTER = 1;

    private static final int MIN_INDEX_INTERVAL = 128;

    private final TableDefinition table;
    private final Path directory;
    private final Scratch scratch;
    private final boolean inScratch;
    private final int mostPieces;
    private final long maxSSTableBytes;
    private final OutputAccount account;
    private final RowLayout nb;
    private final RowLayout oa;

    /** By how often they were merged. */
    private final List<List<OutputSSTable>> levels = new ArrayList<>();

    private @Nullable GroupWriter group;
    private SSTableVersion version = SSTableVersion.NB;
    private @Nullable SSTableWriter writer;
    private byte[] lastKey = new byte[0];
    private int taken;
    private int nextId = 1;
    private int merges;

    /** @param like clusterings and columns of what is written */
    ReplayOutput(TableDefinition table, RowLayout like, Path directory, JournalReplay.Limits limits, Scratch scratch) {
        this.table = table;
        this.directory = directory;
        this.scratch = scratch;
        this.inScratch = directory
                .toAbsolutePath()
                .normalize()
                .startsWith(scratch.directory().toAbsolutePath().normalize());
        this.mostPieces = limits.pieces();
        this.maxSSTableBytes = limits.maxSSTableBytes();
        this.account = new OutputAccount(scratch, directory, SynthesisProgress.NONE);
        long minTimestamp = like.header().base().minTimestamp();
        // Deltas of 32 bits then reach all that a version can hold.
        this.nb = layout(like, new EncodingBase(minTimestamp, EncodingBase.DELETION_TIME_EPOCH, 0), false);
        this.oa = layout(like, new EncodingBase(minTimestamp, JournalReplay.MIDDLE_OF_DELETION_TIMES, 0), true);
    }

    private static RowLayout layout(RowLayout like, EncodingBase base, boolean unsigned) {
        return new RowLayout(
                base, like.header().keyType(), like.clusterings(), like.statics(), like.regulars(), unsigned);
    }

    /** Merges the batch to the SSTable at hand, or to the next one when that cannot take it. */
    void write(Batch batch) {
        boolean late = batch.latest() > RowFormat.MAX_NB_DELETION_TIME;
        SSTableVersion wanted = late || version == SSTableVersion.OA && !batch.takesEarlyDeletions()
                ? SSTableVersion.OA
                : SSTableVersion.NB;
        GroupWriter current = group;
        if (current == null || wanted != version) {
            finishGroup();
            version = wanted;
            current = new GroupWriter(GROUP, settings(), 1);
            group = current;
            taken = 0;
        }
        batch.mergeInto(wanted == SSTableVersion.OA ? oa : nb, this);
        takeDone(current);
    }

    private GroupWriter.Settings settings() {
        return new GroupWriter.Settings(
                directory,
                version,
                (version == SSTableVersion.OA ? oa : nb).header(),
                CompressionOptions.LZ4,
                NO_BLOOM_FILTER,
                MIN_INDEX_INTERVAL,
                maxSSTableBytes,
                () -> nextId++,
                account);
    }

    /** An SSTable cannot take a partition twice: when this is of the one that was written last, another one begins. */
    void cutBefore(Update update) {
        if (Arrays.equals(lastKey, 0, lastKey.length, update.bytes, update.keyAt, update.keyAt + update.keyLength)) {
            cut();
        }
    }

    /** What comes now goes to another SSTable. */
    void cut() {
        GroupWriter current = group;
        if (current != null) {
            current.finish();
            takeDone(current);
        }
    }

    private void takeDone(GroupWriter from) {
        List<OutputSSTable> done = from.done();
        while (taken < done.size()) {
            add(0, done.get(taken++));
        }
    }

    private void finishGroup() {
        if (group != null) {
            group.finish();
            takeDone(group);
            group = null;
        }
    }

    private void add(int level, OutputSSTable piece) {
        if (levels.size() == level) {
            levels.add(new ArrayList<>());
        }
        List<OutputSSTable> own = levels.get(level);
        own.add(piece);
        if (own.size() >= mostPieces) {
            List<OutputSSTable> merged = merge(own);
            own.forEach(old -> delete(old, level > 0));
            own.clear();
            merged.forEach(one -> add(level + 1, one));
        }
    }

    private List<OutputSSTable> merge(List<OutputSSTable> pieces) {
        List<OutputSSTable> merged;
        try (LocalSSTables local = new LocalSSTables()) {
            merged = new CursorSynthesiser()
                    .synthesise(
                            new SynthesisRequest(
                                    table,
                                    table,
                                    local.open(pieces, TokenRanges.FULL),
                                    new PurgePolicy.KeepTombstones(),
                                    new TtlPolicy.Keep(),
                                    0,
                                    List.of(new OutputGroup(GROUP, TokenRanges.FULL)),
                                    directory.resolve("merged-" + merges++),
                                    1,
                                    Long.MAX_VALUE),
                            scratch,
                            SynthesisProgress.NONE)
                    .outputs();
        }
        return merged;
    }

    private void delete(OutputSSTable piece, boolean isMerged) {
        for (Path file : piece.files()) {
            try {
                long bytes = Files.size(file);
                Files.delete(file);
                if (!isMerged) {
                    account.temporary(-bytes);
                } else if (inScratch) {
                    scratch.release(bytes);
                }
            } catch (IOException e) {
                throw new NotAppliedException(
                        "scratch file " + file + " cannot be deleted: " + e.getMessage(),
                        "look at the disk of the scratch directory",
                        e);
            }
        }
    }

    /** All that was written; they may overlap. */
    List<OutputSSTable> finish() {
        finishGroup();
        return levels.stream().flatMap(List::stream).toList();
    }

    @Override
    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
        if (group == null) {
            throw new IllegalStateException("no SSTable is open");
        }
        writer = group.writer();
        writer.begin(key, keyLength, token, deletedAt, deletionTime);
        if (lastKey.length != keyLength) {
            lastKey = new byte[keyLength];
        }
        System.arraycopy(key, 0, lastKey, 0, keyLength);
    }

    private SSTableWriter present() {
        SSTableWriter current = writer;
        if (current == null) {
            throw new IllegalStateException("no partition is open");
        }
        return current;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        present().append(bytes, offset, length);
    }

    @Override
    public void endHeader() {
        present().endHeader();
    }

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
        present().unfiltered(kind, clustering, offset, length, values, openAt, openTime);
    }

    @Override
    public void rows(RowBatch batch, long openAt, long openTime) {
        present().rows(batch, openAt, openTime);
    }

    @Override
    public void add(PartitionStatistics statistics) {
        present().add(statistics);
    }

    @Override
    public void end(PartitionStatistics statistics) {
        present().end(statistics);
        if (group != null) {
            group.ended();
        }
    }

    /** Gives up what is not finished; files go with their directory. */
    @Override
    public void close() {
        if (group != null) {
            group.close();
            group = null;
        }
    }

    /** Deletes everything. */
    void discard() {
        close();
        for (int level = 1; level < levels.size(); level++) {
            levels.get(level).forEach(piece -> delete(piece, true));
        }
        account.giveBack();
        if (Files.exists(directory)) {
            ScratchDirectory.delete(directory);
        }
    }
}
