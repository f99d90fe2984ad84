package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.bench.synthesis.data.DataSet;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One thing to do.
 *
 * @param inputs directory below which the SSTables lie
 * @param output directory that does not exist yet, or where the SSTables to look at lie
 * @param bytes size of inputs to make
 */
record Job(Verb verb, DataSet data, Path inputs, Path output, long bytes, long seed) {
    enum Verb {
        /** Write the inputs. */
        MAKE,
        /** Merge all inputs into {@link Job#output}. */
        MERGE,
        /** Merge the two halves of the ring one after the other. */
        SHARDS_IN_TURN,
        /** Merge the two halves of the ring at once, each on its thread. */
        SHARDS_AT_ONCE,
        /** Count what is in {@link Job#output}. */
        COUNT
    }

    void write(DataOutputStream to) throws IOException {
        to.writeUTF(verb.name());
        to.writeUTF(data.name());
        to.writeUTF(inputs.toString());
        to.writeUTF(output.toString());
        to.writeLong(bytes);
        to.writeLong(seed);
        to.flush();
    }

    static Job read(DataInputStream from) throws IOException {
        return new Job(
                Verb.valueOf(from.readUTF()),
                DataSet.valueOf(from.readUTF()),
                Path.of(from.readUTF()),
                Path.of(from.readUTF()),
                from.readLong(),
                from.readLong());
    }
}
