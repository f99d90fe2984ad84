package dev.hindsight.synthesis.chain;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.fingerprint.ComparedRuns;
import dev.hindsight.synthesis.fingerprint.FingerprintReader;
import dev.hindsight.synthesis.fingerprint.LayeredRuns;
import dev.hindsight.synthesis.fingerprint.RunTap;
import dev.hindsight.synthesis.fingerprint.Verdict;
import dev.hindsight.synthesis.fingerprint.Verdicts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Holds what a whole shard has against its fingerprints. */
public final class FingerprintCheck {
    /** What is stored is looked at as it is: what expired since was not taken for expired when it was hashed. */
    private static final long NOTHING_EXPIRES = 0;

    private FingerprintCheck() {}

    /**
     * What does not fit; empty when all does.
     *
     * @param sstables all of the shard
     * @param ranges the shard's
     * @param name of the fingerprints, for messages
     * @param verdicts a file to work in
     * @throws dev.hindsight.synthesis.CorruptInputException an SSTable is damaged; names it
     */
    public static Optional<String> difference(
            TableDefinition table,
            List<InputSSTable> sstables,
            TokenRanges ranges,
            Path fingerprints,
            String name,
            Path verdicts,
            Scratch scratch) {
        try (FingerprintReader reader = FingerprintReader.open(fingerprints, name);
                Verdicts found = new Verdicts(verdicts, scratch)) {
            RunTap tap = new RunTap(
                    new ComparedRuns(new LayeredRuns(List.of(reader), List.of(ranges)), Long.MAX_VALUE, found));
            ContentScan.run(table, sstables, NOTHING_EXPIRES, tap, scratch);
            long other = found.runs(Verdict.COMPARE);
            long known = found.runs(Verdict.KNOWN);
            long expected = reader.countWithContent();
            if (other == 0 && known == expected) {
                return Optional.empty();
            }
            return Optional.of("of " + expected + " runs of partitions with fingerprints, the records of " + known
                    + " fit; " + other + " have other records, within tokens " + found.compared(Long.MAX_VALUE));
        } catch (CorruptException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
