package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.journal.BeforeCursor;
import dev.hindsight.repository.journal.BeforeReader;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.PartCheck;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads every part of an object of before-values: they are in order, each record's first one is where the object's own list of
 * numbers has it, each has the token of its key and can be decoded to its last cell, and they are as many, of the records and
 * tokens, that the log says. One thread; holds 16 bytes for each record, and the largest part.
 *
 * <p>Source: FORMAT.md, Before-values.
 */
public final class BeforeCheck {
    private final Completion completion;
    private final Completion.Part object;
    private final UUID tableId;
    private final IntFunction<TableDefinition> definitions;
    private final BeforeReader reader;
    private final Map<Integer, PartCheck> versions = new HashMap<>();

    private BeforeCheck(
            ObjectStore store,
            Completion completion,
            Completion.Part object,
            UUID tableId,
            IntFunction<TableDefinition> definitions) {
        this.completion = completion;
        this.object = object;
        this.tableId = tableId;
        this.definitions = definitions;
        this.reader = BeforeReader.open(store, object.object());
    }

    /**
     * @param object of the completion
     * @param definitions of the versions of the schema; what they throw passes through
     * @throws CorruptException naming the object, the record and what is wrong with it
     */
    public static void read(
            ObjectStore store,
            Completion completion,
            Completion.Part object,
            UUID tableId,
            IntFunction<TableDefinition> definitions) {
        new BeforeCheck(store, completion, object, tableId, definitions).run();
    }

    private void run() {
        require(reader.tableId().equals(tableId), "is of table " + reader.tableId() + ", not " + tableId);
        long[] numbers = new long[reader.records()];
        long[] offsets = new long[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = reader.numberOf(i);
            offsets[i] = reader.offsetOf(i);
            require(i == 0 || numbers[i] > numbers[i - 1], "lists record " + numbers[i] + " out of order");
        }
        require(
                numbers.length > 0
                        && numbers[0] >= completion.firstNumber()
                        && numbers[numbers.length - 1] <= completion.lastNumber(),
                "lists other records than " + completion.firstNumber() + " to " + completion.lastNumber()
                        + ", which the journal's log says");
        BitSet found = new BitSet(numbers.length);
        long parts = 0;
        byte[] key = new byte[0];
        long token = Long.MIN_VALUE;
        long number = 0;
        BeforeCursor cursor = reader.cursor();
        while (cursor.next()) {
            int order = parts == 0 ? -1 : Long.compare(token, cursor.token);
            if (order == 0) {
                order = Arrays.compareUnsigned(
                        key, 0, key.length, cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            }
            order = order == 0 ? Long.compare(number, cursor.number) : order;
            require(order <= 0, "record " + cursor.number + " comes behind record " + number + ", out of order");
            require(
                    parts > 0 || cursor.token == object.firstToken(),
                    "begins with token " + cursor.token + "; the journal's log says " + object.firstToken());
            if (order < 0) {
                int place = Arrays.binarySearch(numbers, cursor.number);
                require(
                        place >= 0 && offsets[place] == cursor.offset && !found.get(place),
                        "record " + cursor.number + " is not where its list of numbers says");
                found.set(place);
                token = cursor.token;
                number = cursor.number;
                key = Arrays.copyOfRange(cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            }
            decode(cursor);
            parts++;
        }
        require(
                parts == object.parts() && found.cardinality() == numbers.length && token == object.lastToken(),
                "has " + parts + " parts of " + found.cardinality() + " records up to token " + token
                        + "; the journal's log says " + object.parts() + " up to " + object.lastToken()
                        + ", its own list " + numbers.length + " records");
    }

    private void decode(BeforeCursor cursor) {
        try {
            require(
                    Tokens.of(cursor.bytes, cursor.keyAt, cursor.keyLength) == cursor.token,
                    "record " + cursor.number + " has another token than its key");
            versions.computeIfAbsent(cursor.version, version -> new PartCheck(version, definitions.apply(version)))
                    .read(cursor.bytes, cursor.partAt, cursor.partLength);
        } catch (MalformedException e) {
            throw corrupt("has a damaged part of record " + cursor.number + ": " + e.getMessage(), e);
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw corrupt(otherwise, null);
        }
    }

    private CorruptException corrupt(String what, @Nullable Throwable cause) {
        return new CorruptException(
                "before-values " + object.object().key() + " " + what,
                "put the object back from a copy of the repository if there is one",
                cause);
    }
}
