package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.retention.ExpireRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options and output of the verbs about chains. */
class ChainVerbsTest {
    @TempDir
    private Path dir;

    private final FakeWorkbench workbench = new FakeWorkbench();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void configuration() throws IOException {
        Files.writeString(
                dir.resolve("hindsight.yaml"),
                "repository: {directory: repo}\nretention: {default: {keep: {all: 3d}}}\n");
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        return HindsightCommand.commandLine(
                        new Surroundings(
                                new Terminal(
                                        new PrintStream(out, true, StandardCharsets.UTF_8),
                                        new PrintStream(err, true, StandardCharsets.UTF_8),
                                        false,
                                        false,
                                        false),
                                Map.of(),
                                dir,
                                Clock.fixed(Samples.NOW, ZoneOffset.UTC),
                                Interrupts.none()),
                        workbench)
                .execute(arguments);
    }

    private String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void chainsAreDrawnAsTrees() {
        assertThat(run("list", "--chains")).isZero();

        assertThat(stdout()).isEqualTo("""
                20261120T100000Z-0001  full  2026-11-22 12:00:00Z  3.00 MiB  expired, but needed
                `- 20261121T100000Z-0002  incremental  2026-11-22 12:00:00Z  1.00 MiB
                20261121T120000Z-0003  rebase of 20261121T100000Z-0002  2026-11-22 12:00:00Z  3.00 MiB
                `- 20261122T100000Z-0004  incremental  2026-11-22 12:00:00Z  1.00 MiB  held
                """);
    }

    @Test
    void chainsAsJsonNameParents() throws IOException {
        assertThat(run("--json", "list", "--chains")).isZero();

        JsonNode chains = new ObjectMapper().readTree(stdout()).get("chains");
        assertThat(chains).hasSize(4);
        assertThat(chains.get(3).get("parent").asText()).isEqualTo(ChainSamples.R2);
        assertThat(chains.get(2).get("rebaseOf").asText()).isEqualTo(ChainSamples.I11);
    }

    @Test
    void expirySaysWhatGoesAndWhatStaysAndWhy() {
        assertThat(run("expire")).isZero();

        assertThat(stdout()).isEqualTo("""
                2 backups expired

                GONE                   WHY
                20261121T100000Z-0002  rebased to 20261121T120000Z-0003
                20261120T100000Z-0001  older than all that is kept

                STAYS                  WHY
                20261121T120000Z-0003  needed by 20261122T100000Z-0004
                20261122T100000Z-0004  recent for shop.orders

                comes back  3.00 MiB with 'hindsight collect'
                stays       2.00 MiB
                """);
        assertThat(workbench.asked).hasSize(1);
        ExpireRequest request = (ExpireRequest) workbench.asked.get(0);
        assertThat(request.backups()).isEmpty();
        assertThat(request.rules()).map(RetentionRules::tables).contains(Map.of());
    }

    @Test
    void aNamedBackupThatStaysEndsWith3AndOthersAreNotListed() {
        workbench.expiryRefused = true;

        assertThat(run("expire", ChainSamples.F1)).isEqualTo(3);

        assertThat(stdout()).isEqualTo("""
                0 backups expired

                STAYS                  WHY
                20261120T100000Z-0001  needed by 20261121T100000Z-0002

                comes back  0 B with 'hindsight collect'
                stays       5.00 MiB
                """);
    }

    @Test
    void namedBackupsAndTablesReachTheRequest() {
        assertThat(run("expire", ChainSamples.F1, ChainSamples.I11, "--really-last", "shop.orders", "--dry-run"))
                .isZero();

        ExpireRequest request = (ExpireRequest) workbench.asked.get(0);
        assertThat(request.backups()).containsExactlyInAnyOrder(ChainSamples.F1, ChainSamples.I11);
        assertThat(request.reallyLast()).containsExactly(Samples.ORDERS);
        assertThat(stdout()).startsWith("PLAN  expiry (nothing was touched)");
    }

    @Test
    void aCollectionThatLeftGarbageEndsWith3() {
        assertThat(run("collect")).isZero();
        assertThat(stdout()).contains("12 objects deleted, 3.00 MiB came back");

        workbench.undeleted = 5;
        assertThat(run("collect")).isEqualTo(3);
        assertThat(stdout()).contains("note: 5 objects could not be deleted");
        assertThat(run("collect", "--dry-run")).isZero();
        assertThat(stdout()).startsWith("PLAN  collection (nothing was deleted)");
    }

    @Test
    void rebaseTakesTheNewestUnlessOneIsNamed() {
        assertThat(run("rebase", "--at", "latest", "--table", "shop.orders")).isZero();
        assertThat(workbench.asked).isEqualTo(List.of(new RebaseRequest(Optional.empty(), Set.of(Samples.ORDERS))));
        assertThat(stdout())
                .contains(
                        "backup " + ChainSamples.I11 + " is rebased to " + ChainSamples.R2,
                        "now build on it  " + ChainSamples.I21);

        assertThat(run("rebase", "--at", ChainSamples.I11, "--dry-run")).isZero();
        assertThat(stdout()).contains("PLAN  rebase of backup " + ChainSamples.I11, "shop.orders  is merged");
    }

    @Test
    void usageSaysWhatAnExpiryWouldFree() {
        assertThat(run("du")).isZero();

        assertThat(stdout())
                .contains(
                        "lets it go: rebased to " + ChainSamples.R2,
                        "complete, held",
                        "shop.orders",
                        "an expiry now frees  4.00 MiB");
    }

    @Test
    void holdAndReleaseNeedABackup() {
        assertThat(run("hold")).isEqualTo(2);
        assertThat(run("hold", ChainSamples.F1, "--reason", "audit")).isZero();
        assertThat(workbench.asked).containsExactly(ChainSamples.F1, "audit");
        assertThat(stdout()).isEqualTo("backup " + ChainSamples.F1 + " is held\n");
        assertThat(run("release", ChainSamples.F1)).isZero();
        assertThat(stdout()).isEqualTo("backup " + ChainSamples.F1 + " is no longer held\n");
    }
}
