package dev.hindsight.repository.document;

import java.util.List;
import java.util.Optional;

/**
 * Says of some records of a journal where it is stored what their rows were before them. The numbers of two completions of
 * one journal have none in common.
 *
 * @param firstNumber of the records; of every one up to {@code lastNumber} it is stored
 * @param base id of the backup that, with the records behind it, gave what was before
 * @param objects that hold it, by token; none when nothing was known of any row. A record of which they hold nothing was the
 *     first to say anything of its rows, or reached none
 * @param sureSinceMicros when that backup was begun, if it and the records behind it surely have every write that any replica
 *     got: then an earlier backup leads to the same, wherever the window is as sure. Not there where that is not known
 */
public record Completion(
        long firstNumber, long lastNumber, String base, List<Part> objects, Optional<Long> sureSinceMicros) {
    public Completion {
        objects = List.copyOf(objects);
    }

    /** One that only its own base leads to. */
    public Completion(long firstNumber, long lastNumber, String base, List<Part> objects) {
        this(firstNumber, lastNumber, base, objects, Optional.empty());
    }

    /** @param parts that it holds */
    public record Part(ObjectRef object, long parts, long firstToken, long lastToken) {}
}
