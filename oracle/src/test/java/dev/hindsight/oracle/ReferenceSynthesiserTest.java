package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceSynthesiserTest {
    @TempDir
    Path temp;

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(Synthesiser.class))
                .singleElement()
                .satisfies(found -> assertThat(found.name()).isEqualTo("reference"));
    }

    @Test
    void mergesThreeReplicasOfThreeVersionsIntoOneSSTable() {
        CassandraRuntime.start();
        TableMetadata table = TableSchemas.parse(Schemas.COMPOSITE.definition());
        RandomWrites writes = new RandomWrites(table, 1, 20);
        List<InputSSTable> inputs = new ArrayList<>();
        String[] versions = {"nb", "oa", "da"};
        for (int i = 0; i < 3; i++) {
            List<PartitionUpdate> updates = new ArrayList<>();
            for (int j = 0; j < 2000; j++) {
                updates.add(writes.next());
            }
            inputs.add(SSTables.input(
                    "node" + i,
                    SSTables.flush(table, temp.resolve("n" + i), versions[i], 1, updates),
                    TokenRanges.FULL));
        }
        Scratch scratch = new Scratch(temp.resolve("scratch"), 1 << 30);
        SynthesisResult result = new ReferenceSynthesiser()
                .synthesise(
                        new SynthesisRequest(
                                Schemas.COMPOSITE.definition(),
                                Schemas.COMPOSITE.definition(),
                                inputs,
                                new PurgePolicy.KeepTombstones(),
                                new TtlPolicy.Keep(),
                                RandomWrites.NOW,
                                List.of(new OutputGroup("all", TokenRanges.FULL)),
                                temp.resolve("out"),
                                1,
                                1L << 40),
                        scratch,
                        SynthesisProgress.NONE);
        assertThat(result.outputs()).hasSize(1);
        assertThat(result.partitions()).isEqualTo(20);
        Path data = result.outputs().get(0).files().stream()
                .filter(file -> file.toString().endsWith("Data.db"))
                .findFirst()
                .orElseThrow();
        assertThat(SSTables.dump(table, data)).hasSizeGreaterThan(100);
    }
}
