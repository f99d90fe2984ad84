package dev.hindsight.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about a directory; the rest is in {@code ObjectStoreContract}. */
class DirectoryStoreOnDiskTest {
    @TempDir
    Path directory;

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    @Test
    void objectIsAPlainFileAtItsKeyAndNothingElseIsLeft() throws Exception {
        DirectoryStore store = DirectoryStore.open(directory);

        store.putIfAbsent("data/ks/t/nb-1-big-Data.db", Body.of("content"));

        assertThat(directory.resolve("data/ks/t/nb-1-big-Data.db")).hasContent("content");
        assertThat(files()).containsExactly("data/ks/t/nb-1-big-Data.db");
    }

    @Test
    void deleteTakesEmptyDirectoriesAlong() throws Exception {
        DirectoryStore store = DirectoryStore.open(directory);
        store.putIfAbsent("a/b/c/1", Body.of("1"));
        store.putIfAbsent("a/2", Body.of("2"));

        store.delete("a/b/c/1");

        assertThat(directory.resolve("a/b")).doesNotExist();
        assertThat(directory.resolve("a/2")).exists();
        store.delete("a/2");
        assertThat(directory.resolve("a")).doesNotExist();
        assertThat(directory).exists();
    }

    @Test
    void everythingMadeIsForItsOwnerAlone() throws Exception {
        DirectoryStore store = DirectoryStore.create(directory.resolve("new/repository"));
        store.putIfAbsent("data/k/t/Data.db", Body.of("customers"));
        store.putIfAbsent("repository.json", Body.of("{}"));

        assertThat(permissions("new/repository")).isEqualTo("rwx------");
        assertThat(permissions("new/repository/tmp")).isEqualTo("rwx------");
        assertThat(permissions("new/repository/data")).isEqualTo("rwx------");
        assertThat(permissions("new/repository/data/k/t")).isEqualTo("rwx------");
        assertThat(permissions("new/repository/data/k/t/Data.db")).isEqualTo("rw-------");
        assertThat(permissions("new/repository/repository.json")).isEqualTo("rw-------");
    }

    @Test
    void groupMayReadWhereConfiguredAndNobodyElse() throws Exception {
        DirectoryStore store = DirectoryStore.create(directory.resolve("repository"), Access.GROUP);
        store.putIfAbsent("data/k/Data.db", Body.of("customers"));

        for (String path : List.of("repository", "repository/data", "repository/data/k/Data.db")) {
            assertThat(permissions(path)).endsWith("---").doesNotContain("-w-");
        }
    }

    private String permissions(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(path)));
    }

    @Test
    void fullDiskIsCapacityAndLeavesNothing() throws Exception {
        for (String reason : List.of("No space left on device", "Disk quota exceeded")) {
            DirectoryStore full = new DirectoryStore(directory.toRealPath(), Access.OWNER, part -> {
                Files.createFile(part);
                throw new IOException(reason);
            });

            assertThatThrownBy(() -> full.putIfAbsent("a/b", Body.of("content")))
                    .isInstanceOf(CapacityException.class)
                    .hasMessageContaining("a/b")
                    .hasMessageContaining("7 bytes")
                    .hasMessageContaining(reason);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void reallyFullDeviceIsCapacity() throws Exception {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isWritable(full), "no /dev/full here");
        DirectoryStore store = new DirectoryStore(
                directory.toRealPath(),
                Access.OWNER,
                part -> FileChannel.open(full, java.nio.file.StandardOpenOption.WRITE));

        assertThatThrownBy(() -> store.putIfAbsent("a/b", Body.of("content"))).isInstanceOf(CapacityException.class);
    }

    @Test
    void lostRootIsNotAnEmptyStore() throws Exception {
        DirectoryStore store = DirectoryStore.open(Files.createDirectory(directory.resolve("mount")));
        Files.delete(directory.resolve("mount"));

        assertThatThrownBy(() -> store.size("a")).isInstanceOf(StoreUnreachableException.class);
        assertThatThrownBy(() -> store.get("a")).isInstanceOf(StoreUnreachableException.class);
        assertThatThrownBy(() -> store.list("")).isInstanceOf(StoreUnreachableException.class);
        assertThatThrownBy(() -> store.delete("a")).isInstanceOf(StoreUnreachableException.class);
        assertThatThrownBy(() -> store.putIfAbsent("a", Body.of("x"))).isInstanceOf(StoreUnreachableException.class);
        assertThat(directory.resolve("mount")).doesNotExist();
    }

    @Test
    void symbolicLinksDoNotLeadOut() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("file"), outside.resolve("secret"));
        Files.createSymbolicLink(root.resolve("dangling"), outside.resolve("made"));
        DirectoryStore store = DirectoryStore.open(root);

        assertThatThrownBy(() -> store.get("link/secret"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("leads out");
        assertThatThrownBy(() -> store.putIfAbsent("link/new", Body.of("x"))).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> store.putIfAbsent("link/deep/new", Body.of("x")))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> store.delete("link/secret")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> store.get("file")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> store.putIfAbsent("file", Body.of("x"))).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> store.putIfAbsent("dangling", Body.of("x"))).isInstanceOf(UsageException.class);
        assertThat(store.list("")).isEmpty();
        try (Stream<Path> all = Files.list(outside)) {
            assertThat(all.map(path -> path.getFileName().toString())).containsExactly("secret");
        }
    }

    @Test
    void rootMayItselfBeALink() throws Exception {
        Path real = Files.createDirectory(directory.resolve("real"));
        Files.createSymbolicLink(directory.resolve("link"), real);

        DirectoryStore.open(directory.resolve("link")).putIfAbsent("a/b", Body.of("x"));

        assertThat(real.resolve("a/b")).hasContent("x");
    }

    @Test
    void objectCannotBeADirectoryToo() {
        DirectoryStore store = DirectoryStore.open(directory);
        store.putIfAbsent("a", Body.of("x"));
        store.putIfAbsent("b/c", Body.of("x"));

        assertThatThrownBy(() -> store.putIfAbsent("a/b", Body.of("y"))).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> store.putIfAbsent("b", Body.of("y"))).isInstanceOf(UsageException.class);
        assertThat(store.size("a/b")).isEmpty();
        assertThat(store.size("b")).isEmpty();
        store.delete("b");
        assertThat(store.size("b/c")).hasValue(1);
    }

    @Test
    void oldPartsOfKilledProcessesAreSweptAndYoungOnesAreLeft() throws Exception {
        Path parts = Files.createDirectory(directory.resolve("tmp"));
        Path old = Files.createFile(parts.resolve("old.part"));
        Path young = Files.createFile(parts.resolve("young.part"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));

        DirectoryStore.open(directory).putIfAbsent("a", Body.of("x"));

        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(DirectoryStore.open(directory).list("")).containsExactly("a");
    }

    @Test
    void foreignFilesAreNotListed() throws Exception {
        Files.writeString(directory.resolve("with space"), "x");
        Files.createDirectory(directory.resolve("lost+found"));
        Files.writeString(directory.resolve("lost+found").resolve("x"), "x");
        Files.writeString(directory.resolve("fine"), "x");

        assertThat(DirectoryStore.open(directory).list("")).containsExactly("fine");
    }

    @Test
    void cutBeforeThePutLeavesNothingAndAfterItTheWholeObject() {
        DirectoryStore store = DirectoryStore.open(directory);

        Failpoints.arm("object.put.before=error");
        assertThatThrownBy(() -> store.putIfAbsent("a", Body.of("x"))).isInstanceOf(NotAppliedException.class);
        assertThat(store.size("a")).isEmpty();

        Failpoints.arm("object.put.after=error");
        assertThatThrownBy(() -> store.putIfAbsent("a", Body.of("x"))).isInstanceOf(NotAppliedException.class);
        assertThat(store.size("a")).hasValue(1);
    }

    @Test
    void truncatedFileIsNamedWhenARangeIsRead() throws Exception {
        DirectoryStore store = DirectoryStore.open(directory);
        Files.writeString(directory.resolve("a"), "123");

        assertThatThrownBy(() -> store.read("a", 0, new byte[10], 0, 10))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("size 3 bytes");
    }

    @Test
    void amongSeveralProcessesEveryKeyHasOneCreator() throws Exception {
        List<Process> processes = new ArrayList<>();
        int created = 0;
        try {
            for (int i = 0; i < 3; i++) {
                processes.add(putMany("process-" + i, ""));
            }
            for (Process process : processes) {
                assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
                created += process.exitValue();
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        assertThat(created).isEqualTo(PutMany.KEYS);
        DirectoryStore store = DirectoryStore.open(directory);
        assertThat(store.list("")).hasSize(PutMany.KEYS);
        for (int i = 0; i < PutMany.KEYS; i++) {
            assertThat(directory.resolve("k/" + i))
                    .content()
                    .startsWith("process-")
                    .hasSize(9);
        }
    }

    @Test
    void killedProcessLeavesWholeObjectsAndTheNextOneGoesOn() throws Exception {
        assertThat(exitOf(putMany("killed-", "object.put.after=crash@5"))).isEqualTo(137);
        assertThat(DirectoryStore.open(directory).list("")).hasSize(5);
        assertThat(exitOf(putMany("killed-", "object.put.before=crash@8"))).isEqualTo(137);
        assertThat(DirectoryStore.open(directory).list("")).hasSize(7);

        assertThat(exitOf(putMany("finally", ""))).isEqualTo(PutMany.KEYS - 7);

        assertThat(directory.resolve("k/4")).hasContent("killed-");
        assertThat(directory.resolve("k/7")).hasContent("finally");
    }

    private static int exitOf(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private Process putMany(String content, String failpoints) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PutMany.class.getName(),
                        directory.toString(),
                        content)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HINDSIGHT_FAILPOINTS", failpoints);
        return builder.start();
    }

    /** A process of its own that puts all keys and exits with the number that it created. */
    static final class PutMany {
        static final int KEYS = 60;

        private PutMany() {}

        @dev.hindsight.model.SuppressForbidden(reason = "the main of a test process reports by its exit code")
        public static void main(String[] arguments) {
            DirectoryStore store = DirectoryStore.open(Path.of(arguments[0]));
            int created = 0;
            for (int i = 0; i < KEYS; i++) {
                created += store.putIfAbsent("k/" + i, Body.of(arguments[1])) == PutOutcome.CREATED ? 1 : 0;
            }
            System.exit(created);
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> directory.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }
}
