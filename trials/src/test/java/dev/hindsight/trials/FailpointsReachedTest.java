package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failpoint that no run reaches and no test names would be a step that nobody ever cuts. */
class FailpointsReachedTest {
    @TempDir
    private Path temp;

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    @Test
    void everyFailpointIsReachedByABackupAndARestoreOrNamedByATest() throws IOException {
        FakeCluster source = FakeCluster.create("source", temp.resolve("source"), 2);
        SmallTables.of(1, 10).load(source, new Replication.Simple(2));
        Path repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        Path scratch = Files.createDirectory(temp.resolve("scratch"));
        Failpoints.record();

        new CutRig(source, repository, scratch, Side.EVERYTHING).backup();
        new CutRig(FakeCluster.create("target", temp.resolve("target"), 2), repository, scratch, Side.EVERYTHING)
                .restore();

        Set<Failpoint> reached = Failpoints.reached();
        List<String> tests = testSources();
        assertThat(reached).contains(Failpoint.PLAN_PUT, Failpoint.RESTORE_DONE);
        assertThat(Failpoint.values())
                .allMatch(point -> reached.contains(point)
                        || tests.stream().anyMatch(text -> text.contains('"' + point.text() + '=')));
    }

    private static List<String> testSources() throws IOException {
        Path root = Path.of(Optional.ofNullable(System.getProperty("hindsight.root"))
                .orElseThrow(() -> new IllegalStateException("hindsight.root is not set")));
        try (Stream<Path> modules = Files.list(root)) {
            List<Path> directories = modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList();
            List<String> out = new ArrayList<>();
            for (Path directory : directories) {
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : (Iterable<Path>)
                            files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                        out.add(Files.readString(file));
                    }
                }
            }
            return out;
        }
    }
}
