package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.read.IndexCheck;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.DataDigest;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.fetch.LocalInputs;
import java.util.List;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.schema.TableMetadata;

/** Looks at a single SSTable: whether it is whole. */
final class SSTableInspector {
    private SSTableInspector() {}

    static Inspection inspect(TableMetadata table, InputSSTable input, Scratch scratch) {
        InputSSTable whole = new InputSSTable(input.origin(), input.descriptor(), input.components(), TokenRanges.FULL);
        try {
            DataDigest.verify(whole);
            try (FetchedInputs fetched =
                    FetchedInputs.fetch(List.of(whole), scratch, SynthesisProgress.NONE, LocalInputs.COPY)) {
                List<OpenInput> open = InputFetcher.open(fetched, table);
                if (open.isEmpty()) {
                    throw Damage.of(input, "there is no partition in it");
                }
                try (OpenInput only = open.get(0)) {
                    return read(only);
                }
            }
        } catch (RuntimeException | Error e) {
            throw Damage.wrap(input, "inspecting", e);
        }
    }

    private static Inspection read(OpenInput open) {
        long partitions = 0;
        long rows = 0;
        long first = 0;
        long last = 0;
        IndexCheck index = new IndexCheck(open.fetched().openIndex());
        try (InputScanner scanner = new InputScanner(open)) {
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    last = (Long) partition.partitionKey().getToken().getTokenValue();
                    index.partition(last, scanner.partitionStart());
                    first = partitions == 0 ? last : first;
                    partitions++;
                    while (partition.hasNext()) {
                        rows += partition.next().isRow() ? 1 : 0;
                    }
                }
            }
        }
        index.end();
        if (partitions != open.fetched().partitions()) {
            throw Damage.of(
                    open.input(),
                    "its data has " + partitions + " partitions but its statistics "
                            + open.fetched().partitions());
        }
        return new Inspection(open.input().descriptor(), partitions, rows, first, last);
    }
}
