package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.merge.DamagedInput;
import java.util.ArrayList;
import java.util.List;

/** Cursors over fetched inputs. */
final class Cursors {
    private Cursors() {}

    /** @param first index of the first one */
    static List<RowCursor> over(FetchedInputs inputs, int first) {
        List<RowCursor> out = new ArrayList<>();
        int windowBytes = inputs.windowBytes();
        StoredBytes room = new StoredBytes();
        for (FetchedInput input : inputs.inputs()) {
            try {
                out.add(new RowCursor(
                        first + out.size(),
                        new RowLayout(input.header(), input.version().isSinceFive()),
                        input.window(windowBytes, room),
                        input.input().ranges()));
            } catch (MalformedException e) {
                throw CorruptInputException.of(input.input(), e);
            }
        }
        return out;
    }

    static CorruptInputException named(FetchedInput fetched, DamagedInput e) {
        InputSSTable input = fetched.input();
        return new CorruptInputException(
                input.origin(), input.descriptor(), String.valueOf(e.getMessage()), e.getCause());
    }
}
