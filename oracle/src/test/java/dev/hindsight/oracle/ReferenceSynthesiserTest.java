package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Synthesisers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceSynthesiserTest {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @TempDir
    Path temp;

    @Test
    void isFoundAsAService() {
        assertThat(Synthesisers.named("reference")).isInstanceOf(ReferenceSynthesiser.class);
        assertThat(Synthesisers.chosen(Map.of(Synthesisers.VARIABLE, "reference")))
                .isInstanceOf(ReferenceSynthesiser.class);
        assertThat(Synthesisers.chosen(Map.of()).name()).isEqualTo("cursor");
        assertThatThrownBy(() -> Synthesisers.named("other"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("[cursor, reference]");
    }

    @Test
    void leavesNoFileOpenAfterManyTasksGoodAndBad() throws Exception {
        assumeThat(OPEN_FILES).exists();
        Replicas replicas = new Replicas(temp, Schemas.COMPOSITE.definition()).write(1, 10, 200);
        List<InputSSTable> damaged = new ArrayList<>(replicas.inputs(TokenRanges.FULL));
        damaged.set(7, DamagedSource.flip(damaged.get(7), "Data.db", 50, 8));

        for (int i = 0; i < 20; i++) {
            Replicas.Request good = replicas.request();
            good.output = temp.resolve("out" + i);
            assertThat(good.run().partitions()).isEqualTo(10);
            Replicas.Request bad = replicas.request();
            bad.inputs = damaged;
            assertThatThrownBy(bad::run).isInstanceOf(CorruptInputException.class);
        }

        assertThat(openFiles()).isEmpty();
    }

    private List<Path> openFiles() throws IOException {
        List<Path> out = new ArrayList<>();
        try (Stream<Path> all = Files.list(OPEN_FILES)) {
            for (Path link : all.toList()) {
                try {
                    Path target = Files.readSymbolicLink(link);
                    if (target.startsWith(temp)) {
                        out.add(target);
                    }
                } catch (NoSuchFileException e) {
                    // The listing itself was such a file.
                    continue;
                }
            }
        }
        return out;
    }
}
