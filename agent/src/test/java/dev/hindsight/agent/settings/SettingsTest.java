package dev.hindsight.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    Path dir;

    @Test
    void unknownKeyIsRefusedWithItsLineAndTheNearestKnownOne() {
        Settings root = parse("directory: a\nworkrs: 3\n");
        root.text("directory");
        root.number("workers", 1, 9, 1);

        refused(root::finish, "a.yaml:2: unknown key 'workrs'", "did you mean 'workers'?");
    }

    @Test
    void unknownKeyFarFromAllListsTheKnownOnes() {
        Settings nested = parse("backup:\n  zebra: 1\n").section("backup");
        nested.has("workers");
        nested.has("scratch");

        refused(nested::finish, "a.yaml:2: unknown key 'zebra' in backup", "known here: scratch, workers");
    }

    @Test
    void underscoresAreRecognisedAsTheDashedKey() {
        Settings root = parse("shard_size: 1MiB\n");
        root.findBytes("shard-size");

        refused(root::finish, "unknown key 'shard_size'", "did you mean 'shard-size'?");
    }

    @Test
    void keyGivenTwiceIsRefusedWithBothLines() {
        refused(() -> parse("a: 1\nb: 2\na: 3\n"), "a.yaml:3: key 'a' is given twice (first on line 1)", "keep one");
    }

    @Test
    void aliasesTagsAndSecondDocumentsAreRefused() {
        refused(() -> parse("a: &x 1\nb: *x\n"), "a.yaml:2: anchors and aliases are not accepted", "write");
        refused(() -> parse("a: 1\n---\nb: 2\n"), "a second YAML document begins here", "one document");
        refused(() -> parse("- a\n"), "the file must be a mapping", "OPERATIONS");
        refused(() -> parse("a: !!java.net.URL [\"x\"]\n"), "a.yaml:1: YAML tags are not accepted", "remove");
    }

    @Test
    void brokenYamlNamesTheLine() {
        refused(() -> parse("a: 1\nb: [1, 2\nc: 3\n"), "not valid YAML", "indentation");
        refused(() -> parse("a:\n\tb: 1\n"), "a.yaml:2: not valid YAML", "tabs");
    }

    @Test
    void nestingBombIsRefused() {
        refused(() -> parse("a: " + "[".repeat(100_000)), "not valid YAML", "indentation");
    }

    @Test
    void fileAboveTheCapIsRefusedBeforeItIsRead() throws IOException {
        Path file = dir.resolve("big.yaml");
        Files.writeString(file, "#".repeat((int) Settings.MAX_BYTES + 1));

        refused(() -> Settings.load(file), "too large for a configuration file (limit 1.00 MiB)", "right file");
    }

    @Test
    void missingFileAndMissingKeySayWhatToDo() {
        refused(() -> Settings.load(dir.resolve("none.yaml")), "there is no such configuration file", "-c");
        refused(
                () -> parse("a: 1\n").section("repository").text("directory"),
                "repository.directory is missing",
                "add");
        refused(() -> parse("a:\n").findText("a"), "a.yaml:1: a has no value", "give one");
    }

    @Test
    void valuesCarryUnits() {
        Settings root = parse("size: 64MiB\nttl: 30d\nshort: 90s\nbad: 64MB\nbare: 30\nn: 7\nf: yes\n");

        assertThat(root.bytes("size", 0)).isEqualTo(64L << 20);
        assertThat(root.duration("ttl", Duration.ZERO)).isEqualTo(Duration.ofDays(30));
        assertThat(root.duration("short", Duration.ZERO)).isEqualTo(Duration.ofSeconds(90));
        assertThat(root.duration("absent", Duration.ofMillis(3))).isEqualTo(Duration.ofMillis(3));
        refused(() -> root.bytes("bad", 0), "a.yaml:4: bad: '64MB' is not a size", "correct");
        refused(() -> root.duration("bare", Duration.ZERO), "a.yaml:5: bare: '30' is not a duration", "correct");
        refused(() -> root.number("n", 1, 6, 1), "a.yaml:6: n: 7 is not between 1 and 6", "correct");
        refused(() -> root.flag("f", false), "a.yaml:7: f: 'yes' is neither true nor false", "correct");
    }

    @Test
    void choiceSuggestsTheNearestValue() {
        refused(
                () -> parse("uncovered: partal\n").choice("uncovered", List.of("partial", "fail"), "partial"),
                "a.yaml:1: uncovered is 'partal', which is none of partial, fail",
                "did you mean 'partial'?");
    }

    @Test
    void relativePathsAreTakenFromTheFilesDirectory() {
        Settings root = parse("a: sub/x\nb: /abs/y\n");

        assertThat(root.path("a")).isEqualTo(dir.resolve("sub/x"));
        assertThat(root.path("b")).isEqualTo(Path.of("/abs/y"));
    }

    @Test
    void plainSecretIsRefusedAndNotRepeated() {
        assertThatThrownBy(() -> parse("token: hunter2\n").findSecret("token"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("a.yaml:1: token holds a plain value")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void secretsComeFromEnvironmentOrFile() throws IOException {
        secretFile("tok", "s3cret\n", "rw-------");
        secretFile("empty", "\n", "rw-------");
        secretFile("open", "s3cret\n", "rw-r--r--");
        Settings root = parse("a: {env: TOK}\nb: {file: tok}\nc: {file: nope}\nd: {file: empty}\n"
                + "e: {env: A, file: b}\nf: {file: open}\n");

        assertThat(root.secret("a").resolve(Map.of("TOK", "v"))).isEqualTo("v");
        assertThat(root.secret("b").resolve(Map.of())).isEqualTo("s3cret");
        refused(() -> root.secret("a").resolve(Map.of()), "a.yaml:1: environment variable TOK is not set", "export");
        refused(() -> root.secret("c").resolve(Map.of()), "a.yaml:3: secret file", "chmod 600");
        refused(() -> root.secret("d").resolve(Map.of()), "is empty", "only line");
        refused(() -> root.secret("f").resolve(Map.of()), "is open to everybody", "chmod 600");
        refused(() -> root.secret("e"), "a.yaml:5: e must name exactly one of env and file", "write e:");
    }

    private void secretFile(String name, String text, String permissions) throws IOException {
        Files.setPosixFilePermissions(
                Files.writeString(dir.resolve(name), text), PosixFilePermissions.fromString(permissions));
    }

    @Test
    void listsAndNamedSectionsAreRead() {
        Settings root = parse("agents: [one, two]\ntargets:\n  new:\n    x: 1\n  old:\n    x: 2\nplain: one\n");

        assertThat(root.texts("agents")).containsExactly("one", "two");
        assertThat(root.sections("targets").keySet()).containsExactly("new", "old");
        refused(() -> root.texts("plain"), "a.yaml:7: plain must be a list", "plain: [one, two]");
        refused(() -> root.section("agents"), "agents must be a section", "indented");
    }

    private Settings parse(String text) {
        return Settings.parse(dir.resolve("a.yaml"), text.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(ThrowingCallable call, String message, String hint) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        UsageException.class,
                        e -> assertThat(((HindsightException) e).hint()).contains(hint))
                .hasMessageContaining(message);
    }
}
