package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates of a journal through their replay to SSTables, which are read back. */
class UpdateFuzzTest {
    private static final TableDefinition TABLE =
            new TableDefinition(new TableName("ks", "t"), List.of(Seeds.RICH_TYPE), Seeds.RICH);
    private static final UUID ID = UUID.fromString("5bc52802-de25-35ed-aeab-188eecebb0ab");

    @TempDir
    static Path temp;

    static Stream<byte[]> seeds() {
        byte[] one = Arrays.copyOfRange(Seeds.MUTATION, 1, Seeds.MUTATION.length);
        byte[] other = Arrays.copyOfRange(Seeds.MUTATION_DELETING, 1, Seeds.MUTATION_DELETING.length);
        return Corpus.with(
                Stream.of(
                        Bytes.join(new byte[] {0}, one, other),
                        Bytes.join(new byte[] {3}, other, other),
                        Bytes.join(new byte[] {4}, one, one)),
                "replayingAnyUpdatesGivesSSTablesOrNamesTheUpdate");
    }

    @MethodSource("seeds")
    @FuzzTest
    void replayingAnyUpdatesGivesSSTablesOrNamesTheUpdate(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 3);
        int kind = parts.get(0).length == 0 ? 0 : parts.get(0)[0];
        JournalReplay.Limits limits = new JournalReplay.Limits((kind & 4) == 0 ? 1 << 16 : 64, 2, 2, 1 << 20);
        Scratch scratch = new Scratch(temp, 1 << 30);
        try (JournalReplay replay = new JournalReplay(
                TABLE, TokenRanges.FULL, 1_766_000_000_000_000L, temp.resolve("replayed"), limits, scratch)) {
            List<Update> updates = new ArrayList<>();
            for (int i = 1; i < 3; i++) {
                SegmentVersion version = (kind >> (i - 1) & 1) == 0 ? SegmentVersion.V50 : SegmentVersion.V40;
                byte[] bytes = parts.get(i);
                updates.add(Update.of(i, UpdateCoding.of("segment", version, ID, TABLE), bytes, 0, bytes.length));
            }
            Collections.sort(updates);
            replay.add(updates.iterator());
            replay.finish()
                    .forEach(output ->
                            output.files().forEach(file -> file.toFile().delete()));
        } catch (MalformedException | CorruptUpdateException | UnsupportedException e) {
            // These are what wrong bytes may end in.
            return;
        }
    }
}
