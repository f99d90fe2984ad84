package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** DDL from a manifest, and class names of types from a header. */
class SchemaFuzzTest {
    static Stream<byte[]> ddl() {
        return Corpus.with(
                Stream.of(
                        Bytes.join(
                                Seeds.RICH_TYPE.getBytes(StandardCharsets.UTF_8),
                                Seeds.RICH.getBytes(StandardCharsets.UTF_8)),
                        Bytes.join(new byte[0], Seeds.COUNTER.getBytes(StandardCharsets.UTF_8))),
                "anyDdlIsUnderstoodOrRefused");
    }

    static Stream<byte[]> types() {
        return Corpus.with(
                Stream.of(
                                "org.apache.cassandra.db.marshal.ReversedType(org.apache.cassandra.db.marshal.Int32Type)",
                                "org.apache.cassandra.db.marshal.MapType(org.apache.cassandra.db.marshal.UTF8Type,"
                                        + "org.apache.cassandra.db.marshal.FrozenType(org.apache.cassandra.db.marshal.ListType("
                                        + "org.apache.cassandra.db.marshal.LongType)))",
                                "org.apache.cassandra.db.marshal.UserType(ks,70616972,61:org.apache.cassandra.db.marshal.Int32Type)",
                                "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)")
                        .map(name -> name.getBytes(StandardCharsets.UTF_8)),
                "anyTypeNameIsUnderstoodOrRefused");
    }

    @MethodSource("ddl")
    @FuzzTest
    void anyDdlIsUnderstoodOrRefused(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 2);
        try {
            DdlSchemas.tableSchema(
                    "ks",
                    List.of(new String(parts.get(0), StandardCharsets.UTF_8)),
                    new String(parts.get(1), StandardCharsets.UTF_8));
        } catch (UnsupportedException e) {
            // This is what wrong text may end in.
            return;
        }
    }

    @MethodSource("types")
    @FuzzTest
    void anyTypeNameIsUnderstoodOrRefused(byte[] data) {
        try {
            TypeNames.parse(new String(data, StandardCharsets.UTF_8));
        } catch (UnsupportedException | MalformedException e) {
            // These are what wrong text may end in.
            return;
        }
    }
}
