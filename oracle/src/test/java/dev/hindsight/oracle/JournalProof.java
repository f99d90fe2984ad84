package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.MergedUpdates;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Takes a case of the engines, makes mutations of some of its SSTables, as Cassandra serialises them, and has those replayed.
 * What Cassandra then reads out of the rest and the replayed SSTables must be what it reads out of all SSTables of the case.
 */
final class JournalProof {
    private static final long LAST_IN_NB = Cell.MAX_DELETION_TIME_2038_LEGACY_CAP;

    /** So many SSTables, about, are made of one. */
    private static final int MOST_LAYERS = 24;

    private final EngineCase of;
    private final Path directory;
    private final Random random;
    private final Map<String, UpdateCoding> codings = new HashMap<>();
    private final Map<Integer, TableMetadata> tables = new HashMap<>();
    private String limits = "";

    JournalProof(EngineCase of, Path directory) {
        this.of = counters(of) ? withoutDeletions(of) : of;
        this.directory = directory;
        this.random = new Random(of.seed());
    }

    /** The first difference; empty when there is none. All files are below the directory, which is then deleted. */
    Optional<String> difference() {
        try {
            return compare();
        } finally {
            if (Files.exists(directory)) {
                ScratchDirectory.delete(directory);
            }
        }
    }

    private Optional<String> compare() {
        boolean all = random.nextInt(3) == 0;
        List<Flush> journal = new ArrayList<>();
        List<Flush> base = new ArrayList<>();
        for (Flush flush : of.flushes()) {
            if (all || random.nextInt(3) > 0) {
                journal.add(flush);
            } else {
                base.add(flush);
            }
        }
        List<Flush> whole = new ArrayList<>();
        List<Update> updates = new ArrayList<>();
        journal.forEach(flush -> layers(flush, whole, updates));
        Collections.sort(updates);
        List<InputSSTable> expected = of.withFlushes(both(base, whole)).write(directory.resolve("all"));
        List<InputSSTable> actual = new ArrayList<>(of.withFlushes(base).write(directory.resolve("base")));
        try (LocalSSTables local = new LocalSSTables()) {
            Object wanted = run(new ReferenceSynthesiser(), expected, "expected");
            Object got;
            try {
                List<OutputSSTable> replayed = replay(updates);
                actual.addAll(local.open(replayed, TokenRanges.FULL));
                Synthesiser reader = random.nextInt(3) == 0 ? new CursorSynthesiser() : new ReferenceSynthesiser();
                got = run(reader, actual, "actual");
            } catch (HindsightException e) {
                got = e;
            }
            return difference(wanted, got)
                    .map(text -> text + "\n" + limits + "\njournal of "
                            + journal.stream()
                                    .map(flush -> flush.node() + " " + flush.version() + " " + flush.generation())
                                    .toList());
        }
    }

    private static List<Flush> both(List<Flush> one, List<Flush> other) {
        List<Flush> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    private static Optional<String> difference(Object wanted, Object got) {
        if (wanted instanceof List<?> lines && got instanceof List<?> ours) {
            return EngineComparison.lines(
                    "merged",
                    lines.stream().map(String::valueOf).toList(),
                    ours.stream().map(String::valueOf).toList());
        }
        boolean alike = wanted.getClass() == got.getClass();
        return alike
                ? Optional.empty()
                : Optional.of("one failed\nexpected: " + text(wanted) + "\nactual: " + text(got));
    }

    private static String text(Object outcome) {
        return outcome instanceof Throwable failure ? EngineComparison.trace(failure) : "fine";
    }

    /** Their shards of old times are summed up, so that they count twice when they come twice. */
    private static boolean counters(EngineCase of) {
        return TableSchemas.parse(of.source()).isCounter();
    }

    /**
     * What is left of a counter's shards when something younger than some of them deletes it depends on which of them were
     * merged before, in Cassandra as here; and a deleted counter wins over any value, however new.
     */
    private static EngineCase withoutDeletions(EngineCase of) {
        List<Flush> flushes = new ArrayList<>();
        for (Flush flush : of.flushes()) {
            List<Write> writes = new ArrayList<>();
            for (Write write : flush.writes()) {
                if (write instanceof Write.RowWrite row) {
                    writes.add(new Write.RowWrite(
                            row.key(),
                            row.clustering(),
                            row.liveness(),
                            null,
                            row.cells().stream()
                                    .filter(cell -> cell.deletionTime() == Cell.NO_DELETION_TIME)
                                    .toList()));
                }
            }
            if (!writes.isEmpty()) {
                flushes.add(flush.withWrites(writes));
            }
        }
        return of.withFlushes(flushes);
    }

    /** Lines, or how it failed. Each input comes twice: a row that has one version only is else passed on as it is. */
    private Object run(Synthesiser synthesiser, List<InputSSTable> inputs, String name) {
        List<InputSSTable> twice = new ArrayList<>(inputs);
        List<InputSSTable> again = counters(of) ? List.of() : inputs;
        again.forEach(input -> twice.add(
                new InputSSTable(input.origin() + "-again", input.descriptor(), input.components(), input.ranges())));
        SynthesisRequest request = of.request(twice, directory.resolve(name));
        try {
            SynthesisResult result = synthesiser.synthesise(
                    request, new Scratch(directory.resolve(name + "-scratch"), 1L << 34), SynthesisProgress.NONE);
            TableMetadata table = TableSchemas.parse(of.target());
            List<String> lines = new ArrayList<>();
            for (OutputSSTable output : name.equals("merged") ? List.<OutputSSTable>of() : result.outputs()) {
                // Where an output ends depends on its size, which the inputs' headers have a part in.
                lines.addAll(SSTables.dump(table, Replicas.data(output)));
            }
            return lines;
        } catch (HindsightException e) {
            return e;
        }
    }

    /**
     * One mutation's update for a few writes to a partition, some of them twice, and the same in SSTables of which each has
     * one update of each partition: what a memtable makes of range tombstones of equal timestamps is not what merging
     * makes of them.
     */
    void layers(Flush flush, List<Flush> sstables, List<Update> updates) {
        TableMetadata table = tables.computeIfAbsent(
                flush.generation(),
                generation -> TableSchemas.parse(of.shape().definition(generation))
                        .unbuild()
                        .droppedColumns(Map.of())
                        .build());
        RegularAndStaticColumns columns =
                flush.allColumns() ? table.regularAndStaticColumns() : Write.columns(table, flush.writes());
        Map<DecoratedKey, List<Write>> byKey = new TreeMap<>();
        for (Write write : flush.writes()) {
            byKey.computeIfAbsent(table.partitioner.decorateKey(write.key()), key -> new ArrayList<>())
                    .add(write);
        }
        List<List<Write>> layers = new ArrayList<>();
        for (List<Write> ofKey : byKey.values()) {
            int layer = 0;
            int most = 1 + random.nextInt(3) + ofKey.size() / MOST_LAYERS;
            for (int at = 0; at < ofKey.size(); layer++) {
                List<Write> some = ofKey.subList(at, Math.min(ofKey.size(), at + 1 + random.nextInt(most)));
                at += some.size();
                if (layers.size() == layer) {
                    layers.add(new ArrayList<>());
                }
                layers.get(layer).addAll(some);
                byte[] bytes = serialised(table, columns, some, flush);
                for (int copies = random.nextInt(6) == 0 && !counters(of) ? 2 : 1; copies > 0; copies--) {
                    updates.add(Update.of(updates.size() + 1, coding(flush), bytes, 0, bytes.length));
                }
            }
        }
        String version = flush.version().equals("nb") ? "nb" : "oa";
        layers.forEach(writes -> sstables.add(new Flush(
                flush.node(),
                flush.generation(),
                version,
                flush.compression(),
                flush.allColumns(),
                TokenRanges.FULL,
                writes)));
    }

    private UpdateCoding coding(Flush flush) {
        return codings.computeIfAbsent(flush.generation() + flush.version(), key -> {
            String ddl = of.shape().definition(flush.generation()).ddl();
            return UpdateCoding.of(
                    key,
                    flush.version().equals("nb") ? SegmentVersion.V40 : SegmentVersion.V50,
                    DdlSchemas.findTableId(ddl).orElseThrow(),
                    of.shape().definition(flush.generation()));
        });
    }

    private static byte[] serialised(
            TableMetadata table, RegularAndStaticColumns columns, List<Write> writes, Flush flush) {
        boolean nb = flush.version().equals("nb");
        PartitionUpdate update = Write.update(table, writes, columns, nb ? LAST_IN_NB : Cell.MAX_DELETION_TIME);
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(
                    update, out, nb ? MessagingService.VERSION_40 : MessagingService.VERSION_50);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As one sequence, or as several, with limits that make all ways be gone. */
    List<OutputSSTable> replay(List<Update> updates) {
        int sequences = 1 + random.nextInt(3);
        List<List<Update>> split = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            split.add(new ArrayList<>());
        }
        updates.forEach(update -> split.get(random.nextInt(sequences)).add(update));
        JournalReplay.Limits drawn = random.nextInt(3) == 0
                ? JournalReplay.Limits.STANDARD
                : new JournalReplay.Limits(
                        1 << (6 + random.nextInt(12)),
                        2 + random.nextInt(4),
                        2 + random.nextInt(6),
                        random.nextInt(2) == 0 ? 1 : 1L << 40);
        limits = drawn + ", " + sequences + " sequences of " + updates.size() + " updates";
        Scratch scratch = new Scratch(directory.resolve("scratch"), 1L << 32);
        try (JournalReplay replay = new JournalReplay(
                of.source(),
                TokenRanges.FULL,
                1_000_000L * RandomWrites.NOW,
                directory.resolve("scratch").resolve("replayed"),
                drawn,
                scratch)) {
            List<Iterator<Update>> iterators =
                    split.stream().map(List::iterator).toList();
            if (random.nextBoolean()) {
                replay.add(new MergedUpdates(iterators));
            } else {
                iterators.forEach(replay::add);
            }
            List<OutputSSTable> outputs = replay.finish();
            requireReserved(scratch, outputs);
            return outputs;
        }
    }

    /** All SSTables of the case as updates, in the order of a journal. */
    List<Update> allUpdates() {
        List<Update> updates = new ArrayList<>();
        of.flushes().forEach(flush -> layers(flush, new ArrayList<>(), updates));
        Collections.sort(updates);
        return updates;
    }

    /** Removes what {@link #replay} wrote. */
    void clean() {
        if (Files.exists(directory)) {
            ScratchDirectory.delete(directory);
        }
    }

    /** What is wrong with the answer to one wrong byte in some of the updates; empty when nothing is. */
    Optional<String> damaged() {
        List<Update> updates = new ArrayList<>();
        of.flushes().forEach(flush -> layers(flush, new ArrayList<>(), updates));
        if (updates.isEmpty()) {
            return Optional.empty();
        }
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int which = random.nextInt(updates.size());
            Update update = updates.get(which);
            byte[] bytes = update.bytes.clone();
            int at = random.nextInt(3) == 0 ? random.nextInt(Math.min(60, bytes.length)) : random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : bytes.length;
            try {
                updates.set(which, Update.of(update.number, update.coding, bytes, 0, length));
            } catch (MalformedException e) {
                return Optional.empty();
            }
        }
        Collections.sort(updates);
        try (LocalSSTables local = new LocalSSTables()) {
            List<OutputSSTable> replayed = replay(updates);
            Object merged = run(new CursorSynthesiser(), local.open(replayed, TokenRanges.FULL), "merged");
            return merged instanceof HindsightException && !(merged instanceof UnsupportedException)
                    ? Optional.of("what was replayed cannot be read: " + text(merged))
                    : Optional.empty();
        } catch (CorruptUpdateException | UnsupportedException e) {
            return Files.exists(directory.resolve("scratch").resolve("replayed"))
                    ? Optional.of("left in scratch")
                    : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(EngineComparison.trace(e));
        } finally {
            if (Files.exists(directory)) {
                ScratchDirectory.delete(directory);
            }
        }
    }

    private static void requireReserved(Scratch scratch, List<OutputSSTable> outputs) {
        long bytes = 0;
        try (Stream<Path> all = outputs.stream().flatMap(output -> output.files().stream())) {
            for (Path file : all.toList()) {
                bytes += Files.size(file);
            }
            scratch.release(bytes);
            scratch.reserve(scratch.limitBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
