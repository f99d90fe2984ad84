package dev.hindsight.testkit.journal;

import dev.hindsight.codec.bytes.VInts;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Serialises small mutations as Cassandra 5.0 does: all columns of a row of one write, texts as clustering values. */
final class MutationBytes {
    private static final long TIMESTAMP_EPOCH = 1442880000000000L;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** One update of one table and partition. */
    static final class Update {
        private final UUID table;
        private final byte[] key;
        private final long micros;
        private final TreeMap<String, Boolean> columns = new TreeMap<>();
        private final List<byte[]> rows = new ArrayList<>();

        Update(UUID table, byte[] key, long micros, List<String> columns) {
            this.table = table;
            this.key = key;
            this.micros = micros;
            columns.forEach(column -> this.columns.put(column, true));
        }

        /** @param cells the value of every column of the update, with its length in front where the type needs it */
        Update row(List<String> clustering, Map<String, byte[]> cells) {
            MutationBytes row = new MutationBytes();
            row.out.write(0x04 | 0x20);
            row.clustering(clustering);
            row.vint(0);
            new TreeMap<>(cells).forEach((name, value) -> {
                row.out.write(0x08);
                row.out.writeBytes(value);
            });
            rows.add(row.out.toByteArray());
            return this;
        }

        Update delete(List<String> clustering) {
            MutationBytes row = new MutationBytes();
            row.out.write(0x10);
            row.clustering(clustering);
            row.vint(0);
            row.vint(0);
            // All columns are missing: less than 64 of them, as bits.
            row.vint((1L << columns.size()) - 1);
            rows.add(row.out.toByteArray());
            return this;
        }

        /** A map's cells of one column. */
        Update mapRow(byte[] path, byte[] value) {
            MutationBytes row = new MutationBytes();
            row.out.write(0x20);
            row.vint(1);
            row.out.write(0);
            row.vint(0);
            row.vint(path.length);
            row.out.writeBytes(path);
            row.vint(value.length);
            row.out.writeBytes(value);
            rows.add(row.out.toByteArray());
            return this;
        }

        byte[] bytes() {
            MutationBytes update = new MutationBytes();
            update.out.writeBytes(ByteBuffer.allocate(16)
                    .putLong(table.getMostSignificantBits())
                    .putLong(table.getLeastSignificantBits())
                    .array());
            update.vint(key.length);
            update.out.writeBytes(key);
            update.out.write(0);
            update.vint(micros - TIMESTAMP_EPOCH);
            update.vint(0);
            update.vint(0);
            update.vint(columns.size());
            columns.keySet().forEach(update::text);
            rows.forEach(update.out::writeBytes);
            update.out.write(1);
            return update.out.toByteArray();
        }
    }

    static byte[] mutation(Update... updates) {
        MutationBytes mutation = new MutationBytes();
        mutation.vint(updates.length);
        for (Update update : updates) {
            mutation.out.writeBytes(update.bytes());
        }
        return mutation.out.toByteArray();
    }

    /** A value of a type of variable length. */
    static byte[] sized(byte[] value) {
        MutationBytes bytes = new MutationBytes();
        bytes.vint(value.length);
        bytes.out.writeBytes(value);
        return bytes.out.toByteArray();
    }

    static byte[] sized(String value) {
        return sized(value.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] int4(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private void clustering(List<String> values) {
        if (!values.isEmpty()) {
            vint(0);
            values.forEach(this::text);
        }
    }

    private void text(String text) {
        out.writeBytes(sized(text));
    }

    private void vint(long value) {
        byte[] bytes = new byte[VInts.MAX_LENGTH];
        out.write(bytes, 0, VInts.putUnsigned(bytes, 0, value));
    }
}
