package dev.hindsight.bench.synthesis.data;

import java.nio.ByteBuffer;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;

/** One person in each partition, without clustering, most of it a text of 60 to 120 words. */
final class ProfileFlushes extends Flushes {
    private final ColumnMetadata name;
    private final ColumnMetadata email;
    private final ColumnMetadata age;
    private final ColumnMetadata bio;
    private final ColumnMetadata updated;

    ProfileFlushes(DataSet data, TableMetadata table, long seed) {
        super(data, table, seed);
        name = column("name");
        email = column("email");
        age = column("age");
        bio = column("bio");
        updated = column("updated");
    }

    @Override
    ByteBuffer key(int partition) {
        return uuid(partition + 1L, partition + 2L);
    }

    @Override
    Clustering<?> clustering(int row) {
        return Clustering.EMPTY;
    }

    @Override
    double flushOf(int partition, int row) {
        return (numbers.of(partition, row, 2) >>> 40) / (double) (1 << 24) * DataSet.FLUSHES;
    }

    @Override
    void write(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 1);
        live(to, micros);
        to.addCell(cell(name, micros, text(Numbers.words(drawn, 2))));
        to.addCell(cell(email, micros, text("u" + partition + "@example.org")));
        to.addCell(cell(age, micros, Int32Type.instance.decompose(18 + partition % 70)));
        to.addCell(cell(bio, micros, biography(drawn)));
        to.addCell(cell(updated, micros, LongType.instance.decompose(micros / 1000)));
    }

    @Override
    void update(Row.Builder to, int partition, int row, long micros) {
        to.addCell(cell(age, micros, Int32Type.instance.decompose(19 + partition % 70)));
        to.addCell(cell(bio, micros, biography(numbers.of(partition, row, 3))));
        to.addCell(cell(updated, micros, LongType.instance.decompose(micros / 1000)));
    }

    private static ByteBuffer biography(long drawn) {
        return text(Numbers.words(drawn + 1, 60 + (int) (drawn >>> 44 & 63)));
    }
}
