package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.RecordSet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Records are decoded with the schema of their position in their host's log. */
class SealerSchemaTest extends SealerFixture {
    private static MutationBytes.Update schema(String table, long micros, List<String> columns) {
        return new MutationBytes.Update(
                system("system_schema", table), "ks".getBytes(StandardCharsets.UTF_8), micros, columns);
    }

    private static MutationBytes.Update column(String table, String name, String kind, String type, long micros) {
        return schema("columns", micros, List.of("kind", "type"))
                .row(
                        List.of(table, name),
                        Map.of("kind", MutationBytes.sized(kind), "type", MutationBytes.sized(type)));
    }

    private static byte[] drop(String name, String type, long micros) {
        return MutationBytes.mutation(
                schema("columns", micros, List.of("kind", "type")).delete(List.of("t", name)),
                schema("dropped_columns", micros, List.of("dropped_time", "kind", "type"))
                        .row(
                                List.of("t", name),
                                Map.of(
                                        "dropped_time",
                                        ByteBuffer.allocate(8)
                                                .putLong(micros / 1000)
                                                .array(),
                                        "kind",
                                        MutationBytes.sized("regular"),
                                        "type",
                                        MutationBytes.sized(type))));
    }

    @Test
    void theSchemaIsThatOfThePosition() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        byte[] add = MutationBytes.mutation(column("t", "x", "regular", "text", BEGIN + 10_000));
        byte[] withX = MutationBytes.mutation(
                new MutationBytes.Update(ID, MutationBytes.int4(5), BEGIN + 15_000, List.of("v", "x"))
                        .row(List.of(), Map.of("v", MutationBytes.int4(1), "x", MutationBytes.sized("x"))));
        byte[] dropped = drop("v", "int", BEGIN + 20_000);
        byte[] old = MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5_000));
        byte[] onlyX =
                MutationBytes.mutation(new MutationBytes.Update(ID, MutationBytes.int4(6), BEGIN + 25_000, List.of("x"))
                        .row(List.of(), Map.of("x", MutationBytes.sized("y"))));
        frames(one, BEGIN, BEGIN + 9_000, old);
        frames(one, BEGIN + 9_000, BEGIN + 12_000, add);
        frames(one, BEGIN + 12_000, BEGIN + 30_000, withX, add, dropped, onlyX);
        frames(two, BEGIN, BEGIN + 30_000, add, withX, old, dropped, onlyX);

        sealer.seal(List.of(), awaited);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(journal(store)).hasSize(3);
        assertThat(entry.schemas().stream()
                        .map(version -> version.version() + "@"
                                + (version.sinceMicros() == 0 ? 0 : version.sinceMicros() - BEGIN))
                        .toList())
                .containsExactly("1@0", "2@10000", "3@20000");
        assertThat(log.definition(entry, 3).ddl())
                .isEqualTo(SCHEMA.ddl() + "ALTER TABLE \"ks\".\"t\" ADD \"x\" text;\n"
                        + "ALTER TABLE \"ks\".\"t\" DROP \"v\" USING TIMESTAMP " + (BEGIN + 20_000) + ";\n");
        assertThat(RecordSet.between(store, log, 0, BEGIN + 9_999).schema()).isEqualTo(1);
        assertThat(RecordSet.between(store, log, 0, BEGIN + 20_001).schema()).isEqualTo(3);

        // All of it once more, from a capture that lost its state.
        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(again, BEGIN, BEGIN + 900_000, add, withX, old, dropped, onlyX);
        frames(two, BEGIN + 30_000, BEGIN + 900_000);
        sealer.seal(List.of(again.stream), awaited);
        assertThat(log.newest().orElseThrow().schemas()).hasSize(3);
        assertThat(journal(store)).hasSize(3);
    }

    /** Nothing that is written from there on is in any log, although every agent goes on saying that it has seen all. */
    @Test
    void aKeyspaceThatIsGivenNoDurableWritesHasAGapFromOutside() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 9_000, durable(true, BEGIN + 5_000));
        frames(host, BEGIN + 9_000, BEGIN + 12_000, durable(false, BEGIN + 10_000));
        frames(host, BEGIN + 12_000, BEGIN + 30_000, durable(true, BEGIN + 20_000));

        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        assertThat(log.newest().orElseThrow().gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.isOutside()).isTrue();
            assertThat(gap.fromMicros()).isEqualTo(BEGIN + 9_000);
            assertThat(gap.toMicros()).isEqualTo(BEGIN + 12_000);
            assertThat(gap.cause()).contains("durable_writes = false");
        });
    }

    private static byte[] durable(boolean so, long micros) {
        return MutationBytes.mutation(schema("keyspaces", micros, List.of("durable_writes"))
                .row(List.of(), Map.of("durable_writes", new byte[] {(byte) (so ? 1 : 0)})));
    }

    @Test
    void typesAndNeighboursComeAndGo() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        UUID late = new UUID(77, 78);
        byte[] type = MutationBytes.mutation(schema("types", BEGIN + 1000, List.of("field_names", "field_types"))
                .row(
                        List.of("point"),
                        Map.of("field_names", texts("x", "y"), "field_types", texts("int", "frozen<list<text>>"))));
        byte[] column = MutationBytes.mutation(column("t", "p", "regular", "frozen<point>", BEGIN + 2000));
        byte[] table = MutationBytes.mutation(
                schema("tables", BEGIN + 3000, List.of("id"))
                        .row(
                                List.of("late"),
                                Map.of(
                                        "id",
                                        ByteBuffer.allocate(16)
                                                .putLong(77)
                                                .putLong(78)
                                                .array())),
                schema("columns", BEGIN + 3000, List.of("kind", "type"))
                        .row(
                                List.of("late", "k"),
                                Map.of(
                                        "kind",
                                        MutationBytes.sized("partition_key"),
                                        "type",
                                        MutationBytes.sized("int")))
                        .row(
                                List.of("late", "z"),
                                Map.of("kind", MutationBytes.sized("regular"), "type", MutationBytes.sized("int"))));
        byte[] both = MutationBytes.mutation(
                new MutationBytes.Update(late, MutationBytes.int4(5), BEGIN + 4000, List.of("z"))
                        .row(List.of(), Map.of("z", MutationBytes.int4(1))),
                write(ID, 5, 5, BEGIN + 4000));
        frames(host, BEGIN, BEGIN + 9_000, type, column, table, both);

        sealer.seal(List.of(), awaited);

        assertThat(journal(store)).hasSize(1);
        JournalEntry entry = log.newest().orElseThrow();
        Definition newest = log.definition(entry, entry.schemas().size());
        assertThat(newest.types())
                .containsExactly("CREATE TYPE \"ks\".\"point\" (\"x\" int, \"y\" frozen<list<text>>);");
        assertThat(newest.neighbours()).hasSize(2);
        assertThat(newest.ddl()).contains("ADD \"p\" frozen<point>");
    }

    private static byte[] create(String name, long micros) {
        return MutationBytes.mutation(
                schema("tables", micros, List.of("id"))
                        .row(
                                List.of(name),
                                Map.of(
                                        "id",
                                        ByteBuffer.allocate(16)
                                                .putLong(77)
                                                .putLong(name.hashCode())
                                                .array())),
                schema("columns", micros, List.of("kind", "type"))
                        .row(
                                List.of(name, "k"),
                                Map.of(
                                        "kind",
                                        MutationBytes.sized("partition_key"),
                                        "type",
                                        MutationBytes.sized("int"))));
    }

    private static byte[] dropTable(String name, long micros) {
        return MutationBytes.mutation(
                schema("tables", micros, List.of("id")).delete(List.of(name)),
                schema("columns", micros, List.of("kind", "type")).delete(List.of(name, "k")));
    }

    private static byte[] addColumn(String name, long micros) {
        return MutationBytes.mutation(column("t", name, "regular", "int", micros));
    }

    private String ddlAt(long instant) {
        return log.definition(
                        log.newest().orElseThrow(),
                        RecordSet.between(store, log, 0, instant).schema())
                .ddl();
    }

    @Test
    void aNeighbourThatComesAndGoesLeavesTheNextAlterTheNewest() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        byte[] create = create("tmp", BEGIN + 1_000);
        byte[] drop = dropTable("tmp", BEGIN + 2_000);
        byte[] alter = addColumn("c", BEGIN + 50_000);
        frames(one, BEGIN, BEGIN + 9_000, create, drop);
        frames(two, BEGIN, BEGIN + 9_000, create, drop);
        sealer.seal(List.of(), awaited);
        assertThat(log.newest().orElseThrow().schemas()).hasSize(3);
        frames(one, BEGIN + 9_000, BEGIN + 60_000, alter);
        frames(two, BEGIN + 9_000, BEGIN + 60_000, alter);

        sealer.seal(List.of(), awaited);

        assertThat(log.newest().orElseThrow().schemas()).hasSize(4);
        assertThat(ddlAt(BEGIN + 49_000)).doesNotContain("\"c\"");
        assertThat(ddlAt(BEGIN + 55_000)).contains("ADD \"c\" int");

        // All of it once more, from a capture that lost its state.
        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(again, BEGIN, BEGIN + 900_000, create, drop, alter);
        frames(two, BEGIN + 60_000, BEGIN + 900_000);
        sealer.seal(List.of(again.stream), awaited);
        frames(again, BEGIN + 900_000, BEGIN + 990_000, addColumn("d", BEGIN + 950_000));
        frames(two, BEGIN + 900_000, BEGIN + 990_000);
        sealer.seal(List.of(again.stream), awaited);
        assertThat(ddlAt(BEGIN + 980_000)).contains("ADD \"c\" int", "ADD \"d\" int");
    }

    @Test
    void whatAnIncarnationOfMeanwhileTellsOfTheSchemaIsNeverTheNewest() {
        CaptureWorld one = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        sealer(store, settings(1 << 20), 1).begin(SCHEMA, List.of(one.stream));
        // Unprotected, and its keyspace captured still; two tables come here, and the second goes where nobody looks.
        CaptureWorld ended = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5_000);
        ended.add(new CaptureItem.Scope(Set.of("ks")));
        frames(
                ended,
                BEGIN + 5_000_000,
                BEGIN + 6_000_000,
                create("tmp", BEGIN + 5_100_000),
                dropTable("tmp", BEGIN + 5_200_000));
        frames(ended, BEGIN + 6_000_000, BEGIN + 9_000_000, create("tmp2", BEGIN + 6_300_000));
        frames(
                ended,
                BEGIN + 9_000_000,
                BEGIN + 10_000_000,
                MutationBytes.mutation(write(ID, 1, 1, BEGIN + 9_500_000)));
        CaptureWorld living = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 60_000);
        living.add(new CaptureItem.Scope(Set.of("ks")));
        frames(living, BEGIN + 60_000_000, BEGIN + 61_000_000);

        List<CaptureStream> capturing = List.of(one.stream, living.stream);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, capturing, List.of(ended.stream));
        sealer.seal(capturing, awaited);
        frames(living, BEGIN + 61_000_000, BEGIN + 65_000_000, addColumn("c", BEGIN + 62_000_000));
        sealer.seal(capturing, awaited);

        assertThat(journal(store)).hasSize(1);
        assertThat(ddlAt(BEGIN + 61_500_000)).doesNotContain("\"c\"");
        assertThat(ddlAt(BEGIN + 64_000_000)).contains("ADD \"c\" int");
    }

    @Test
    void whatALivingIncarnationToldOfTheSchemaWhileTheTableWasNotProtectedDoesNotHideTheNextAlter() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        sealer(store, settings(1 << 20), 1).begin(SCHEMA, List.of(one.stream, two.stream));
        CaptureWorld living = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5_000);
        living.add(new CaptureItem.Scope(Set.of("ks")));
        byte[] create = create("tmp", BEGIN + 5_100_000);
        byte[] drop = dropTable("tmp", BEGIN + 5_200_000);
        frames(living, BEGIN + 5_000_000, BEGIN + 6_000_000, create, drop);
        frames(two, BEGIN + 5_000_000, BEGIN + 6_000_000, create, drop);

        List<CaptureStream> capturing = List.of(one.stream, two.stream, living.stream);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, capturing, List.of());
        sealer.seal(capturing, awaited);
        byte[] alter = addColumn("c", BEGIN + 8_000_000);
        frames(two, BEGIN + 6_000_000, BEGIN + 9_000_000, alter);
        frames(living, BEGIN + 6_000_000, BEGIN + 9_000_000, alter);
        sealer.seal(capturing, awaited);

        assertThat(ddlAt(BEGIN + 8_500_000)).contains("ADD \"c\" int");
    }

    private static byte[] texts(String... texts) {
        ByteBuffer out = ByteBuffer.allocate(200).putInt(texts.length);
        for (String text : texts) {
            out.putInt(text.length()).put(text.getBytes(StandardCharsets.UTF_8));
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return MutationBytes.sized(bytes);
    }

    @Test
    void whatCannotBeFollowedStopsSealingByName() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(
                host,
                BEGIN,
                BEGIN + 9_000,
                MutationBytes.mutation(
                        new MutationBytes.Update(ID, MutationBytes.int4(5), BEGIN + 4000, List.of("unheard"))
                                .row(List.of(), Map.of("unheard", MutationBytes.int4(1)))));

        assertThatThrownBy(() -> sealer.seal(List.of(), awaited))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("unheard");
        assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
    }

    @Test
    void aDropEndsTheJournal() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(
                host,
                BEGIN,
                BEGIN + 9_000,
                MutationBytes.mutation(write(ID, 1, 1, BEGIN + 500)),
                MutationBytes.mutation(
                        schema("tables", BEGIN + 3000, List.of("id")).delete(List.of("t")),
                        schema("columns", BEGIN + 3000, List.of("kind", "type"))
                                .delete(List.of("t", "k"))
                                .delete(List.of("t", "v"))));

        SealReport report = sealer.seal(List.of(), awaited);

        assertThat(report.ended()).isPresent();
        assertThat(report.records()).isEqualTo(1);
        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.events()).hasSize(1);
        assertThat(entry.events().get(0).kind()).isEqualTo(EventKind.DROP);
        assertThat(entry.events().get(0).atMicros()).isEqualTo(BEGIN + 3000);
    }
}
