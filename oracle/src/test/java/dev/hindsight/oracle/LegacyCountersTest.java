package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.CounterId;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What counters of Cassandra before 2.1 mean depends on the node that holds them: no merge of copies can be right. */
class LegacyCountersTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void areRefusedByName(String version) {
        Replicas replicas = new Replicas(temp, Schemas.COUNTERS.definition());
        CounterContext contexts = CounterContext.instance();
        replicas.add(
                "node1", version, 1, List.of(row(replicas.table(), contexts.createGlobal(CounterId.fromInt(1), 1, 5))));
        replicas.add("node1", version, 2, List.of(row(replicas.table(), local())));
        replicas.add(
                "node2", version, 3, List.of(row(replicas.table(), contexts.createRemote(CounterId.fromInt(2), 1, 7))));
        Replicas.Request request = replicas.request();
        for (int legacy : new int[] {1, 2}) {
            SynthesisRequest one = new SynthesisRequest(
                    replicas.definition(),
                    request.target,
                    List.of(request.inputs.get(0), request.inputs.get(legacy)),
                    request.purge,
                    request.ttl,
                    request.now,
                    request.groups,
                    temp.resolve("out"),
                    1,
                    request.maxBytes);
            for (Synthesiser engine : List.of(new CursorSynthesiser(), new ReferenceSynthesiser())) {
                assertThatThrownBy(() -> engine.synthesise(one, request.scratch, SynthesisProgress.NONE))
                        .isInstanceOf(UnsupportedException.class)
                        .hasMessageContaining(request.inputs.get(legacy).descriptor())
                        .hasMessageContaining("before Cassandra 2.1");
            }
        }
    }

    private static ByteBuffer local() {
        CounterContext.ContextState state = CounterContext.ContextState.allocate(0, 1, 0);
        state.writeLocal(CounterId.fromInt(3), 1, 7);
        return state.context;
    }

    private static PartitionUpdate row(TableMetadata table, ByteBuffer context) {
        ColumnMetadata column = table.regularColumns().iterator().next();
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.make(Int32Type.instance.decompose(1)));
        row.addCell(BufferCell.live(column, 7, context));
        return PartitionUpdate.singleRowUpdate(table, UTF8Type.instance.decompose("k"), row.build());
    }
}
