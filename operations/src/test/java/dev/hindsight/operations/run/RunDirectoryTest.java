package dev.hindsight.operations.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    Path scratch;

    @Test
    void aLivingRunIsNotTakenForDead() {
        try (RunDirectory run = RunDirectory.create(scratch, "one", "prod")) {
            run.recordSnapshots(List.of("tag"), List.of("http://a"));

            assertThat(RunDirectory.dead(scratch)).isEmpty();
            assertThat(RunDirectory.owner(run.path()).orElseThrow().snapshotTags())
                    .containsExactly("tag");
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aRunOfAProcessThatEndedIsDeadEvenIfItsProcessIdLivesAgain() throws IOException {
        RunDirectory run = RunDirectory.create(scratch, "one", "prod");
        Path owner = run.path().resolve("owner.json");
        String text = Files.readString(owner, StandardCharsets.UTF_8);
        Files.writeString(owner, text.replaceAll("\"processStart\":\\d+", "\"processStart\":1"));

        assertThat(RunDirectory.dead(scratch)).containsExactly(run.path());
    }

    @Test
    void aRunKilledBeforeItHadItsNameIsDeadOnceItIsOld() throws IOException {
        Path young = Files.createDirectory(scratch.resolve("new-young-1"));
        Path old = Files.createDirectory(scratch.resolve("new-old-1"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3600)));

        assertThat(RunDirectory.dead(scratch)).containsExactly(old).doesNotContain(young);
    }

    @Test
    void onlyItsOwnerMayLookIntoARun() throws IOException {
        try (RunDirectory run = RunDirectory.create(scratch, "one", "prod")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void verbsWithoutAClusterCleanAllButWhatMayHaveLeftASnapshot() throws IOException {
        RunDirectory export = RunDirectory.create(scratch, "export", "");
        RunDirectory backup = RunDirectory.create(scratch, "backup", "prod");
        backup.recordSnapshots(List.of("tag"), List.of("http://a"));
        for (RunDirectory run : List.of(export, backup)) {
            Path owner = run.path().resolve("owner.json");
            String text = Files.readString(owner, StandardCharsets.UTF_8);
            Files.writeString(owner, text.replaceAll("\"processStart\":\\d+", "\"processStart\":1"));
            Files.writeString(
                    Files.createDirectory(run.path().resolve("worker-1")).resolve("data"), "x");
        }

        assertThat(Leftovers.clean(scratch)).singleElement().asString().contains("run-export");

        assertThat(export.path()).doesNotExist();
        assertThat(backup.path())
                .isDirectoryContaining("glob:**owner.json")
                .isDirectoryNotContaining("glob:**worker-1");
    }

    @Test
    void closingRemovesEverythingAndMayBeRepeated() throws IOException {
        RunDirectory run = RunDirectory.create(scratch, "one", "prod");
        Files.createDirectories(run.path().resolve("worker-1/deep"));
        Files.writeString(run.path().resolve("worker-1/deep/file"), "x");

        run.close();
        run.close();

        assertThat(scratch).isEmptyDirectory();
    }
}
