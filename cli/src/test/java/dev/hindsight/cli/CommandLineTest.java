package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.CoverageException;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.document.BackupManifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What each verb needs to succeed against {@link FakeWorkbench}. */
    private static final Map<String, List<String>> ARGUMENTS = Map.ofEntries(
            Map.entry("init", List.of()),
            Map.entry("doctor", List.of()),
            Map.entry("status", List.of()),
            Map.entry("list", List.of()),
            Map.entry("show", List.of("latest")),
            Map.entry("backup", List.of()),
            Map.entry("restore", List.of("--from", "latest", "--table", "shop.orders", "--as", "shop.orders2")),
            Map.entry("protect", List.of("shop.orders", "shop.users")),
            Map.entry("unprotect", List.of("shop.orders")),
            Map.entry("window", List.of("shop.orders", "--at", "-5m")),
            Map.entry("history", List.of("shop.orders", "--key", "id=7 AND line=1", "--from", "-5m")),
            Map.entry("complete", List.of("shop.orders")),
            Map.entry("export", List.of("--from", "latest", "--table", "shop.orders", "--out", "o")),
            Map.entry("verify", List.of()),
            Map.entry("rebase", List.of()),
            Map.entry("expire", List.of()),
            Map.entry("hold", List.of("20261122T100000Z-ab12")),
            Map.entry("release", List.of("20261122T100000Z-ab12")),
            Map.entry("collect", List.of()),
            Map.entry("du", List.of()));
    /** Services and the demo: their stdout is told by their own tests. */
    private static final Set<String> OTHERS = Set.of("serve", "agent", "worker", "demo");

    private static final PrintStream NOWHERE =
            new PrintStream(java.io.OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    @TempDir
    Path dir;

    private final FakeWorkbench workbench = new FakeWorkbench();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void writeConfiguration() throws IOException {
        Files.writeString(dir.resolve("hindsight.yaml"), """
                repository: {directory: repo}
                cluster:
                  name: prod
                  contact-points: [127.0.0.1]
                  local-datacenter: dc1
                  agents: [http://127.0.0.1:7070]
                targets:
                  lab:
                    name: lab
                    contact-points: [127.0.0.2]
                    local-datacenter: dc1
                backup: {keyspaces: [shop]}
                restore: {ttl: freeze}
                """);
    }

    static Stream<String> verbs() {
        return commandLine(new FakeWorkbench(), Path.of("."), NOWHERE, NOWHERE).getSubcommands().keySet().stream()
                .filter(verb -> !OTHERS.contains(verb));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbPrintsOneJsonDocument(String verb) throws IOException {
        int code = run(Stream.concat(Stream.of("--json", verb), argumentsOf(verb)));

        JsonNode document = JSON.readTree(stdout());
        assertThat(code).isZero();
        assertThat(document.get("type").asText()).isEqualTo(verb);
        assertThat(document.get("schema").asInt()).isEqualTo(1);
        assertThat(document.get("exitCode").asInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbPrintsItsErrorAsOneJsonDocumentToo(String verb) throws IOException {
        workbench.failure = new BusyException("held by run 7", "wait for it");

        int code = run(Stream.concat(Stream.of(verb, "--json"), argumentsOf(verb)));

        JsonNode document = JSON.readTree(stdout());
        assertThat(code).isEqualTo(11);
        assertThat(document.get("type").asText()).isEqualTo("error");
        assertThat(document.get("error").asText()).isEqualTo("BusyException");
        assertThat(document.get("message").asText()).isEqualTo("held by run 7");
        assertThat(document.get("hint").asText()).isEqualTo("wait for it");
        assertThat(document.get("exitCode").asInt()).isEqualTo(11);
        assertThat(stderr()).contains("error: held by run 7\nhint: wait for it\n");
    }

    @Test
    void errorAboutAnInstantHasTheNearestOnesAsFields() throws IOException {
        workbench.failure = new TimeNotRestorableException("m", "h", Optional.of(Samples.NOW), Optional.empty());

        assertThat(run(Stream.of("--json", "history", "shop.orders", "--key", "7")))
                .isEqualTo(5);

        JsonNode document = JSON.readTree(stdout());
        assertThat(document.get("nearestBefore").asText()).isEqualTo(Samples.NOW.toString());
        assertThat(document.has("nearestAfter")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbAnswersHelp(String verb) {
        assertThat(run(Stream.of(verb, "--help"))).isZero();
        assertThat(stdout()).startsWith("Usage: hindsight " + verb).contains("--json");
    }

    @Test
    void servicesPrintTheirErrorsAsOneDocumentToo() throws IOException {
        for (String service : List.of("agent", "worker")) {
            assertThat(run(Stream.of("--json", service, "-c", "missing.yaml"))).isEqualTo(2);
            assertThat(JSON.readTree(stdout()).get("error").asText()).isEqualTo("UsageException");
            assertThat(stderr()).contains("missing.yaml: there is no such configuration file");
        }
    }

    @Test
    void thePolicyOfAnAgentAllowsToCreateBelowItsPrefixAndNothingElse() throws IOException {
        assertThat(run(Stream.of("init", "--print-policy"))).isEqualTo(2);
        assertThat(stderr()).contains("is a directory, which knows no policy");
        Files.writeString(dir.resolve("hindsight.yaml"), "repository: {url: s3://bucket/some/prefix}\n");

        assertThat(run(Stream.of("--json", "init", "--print-policy"))).isZero();

        JsonNode statement =
                JSON.readTree(JSON.readTree(stdout()).get("policy").asText()).get("Statement");
        assertThat(statement).hasSize(1);
        assertThat(statement.get(0).get("Action").asText()).isEqualTo("s3:PutObject");
        assertThat(statement.get(0).get("Resource").asText())
                .isEqualTo("arn:aws:s3:::bucket/some/prefix/captures/HOST-ID/*");
        assertThat(statement
                        .get(0)
                        .get("Condition")
                        .get("Null")
                        .get("s3:if-none-match")
                        .asText())
                .isEqualTo("false");
    }

    @Test
    void usageErrorsEndWithTwoAndAHint() throws IOException {
        assertThat(run(Stream.of("backup", "--dryrun"))).isEqualTo(2);
        assertThat(stderr()).contains("error: Unknown option: '--dryrun'", "hint: ");
        assertThat(run(Stream.of("bakup"))).isEqualTo(2);
        assertThat(stderr()).contains("did you mean 'backup'?");
        assertThat(run(Stream.of())).isEqualTo(2);
        assertThat(run(Stream.of("restore", "--table", "shop.orders"))).isEqualTo(2);
        assertThat(stderr()).contains("neither --from nor --at is given");
        assertThat(run(Stream.of("export", "--from", "latest", "--table", "orders", "--out", "o")))
                .isEqualTo(2);
        assertThat(stderr()).contains("'orders' is not of the form keyspace.table");
        assertThat(stdout()).isEmpty();
        assertThat(run(Stream.of("show", "--json"))).isEqualTo(2);
        assertThat(JSON.readTree(stdout()).get("type").asText()).isEqualTo("error");
    }

    @Test
    void combinationsThatMakeNoSenseAreUsageErrors() {
        usage("'weekly' is none of auto, full, incremental", "backup", "--kind", "weekly");
        usage("neither --keyspace nor --table", "restore", "--from", "latest");
        usage("exclude each other", "restore", "--from", "latest", "--keyspace", "a", "--table", "a.b");
        usage("--as-keyspace goes with --keyspace", "restore", "--from", "x", "--table", "a.b", "--as-keyspace", "c");
        usage("--as renames one table", "restore", "--from", "x", "--keyspace", "a", "--as", "c.d");
        usage("--ttl 'never' is none of", "restore", "--from", "x", "--keyspace", "a", "--ttl", "never");
        usage("'class' is missing", "restore", "--from", "x", "--keyspace", "a", "--replication", "{'dc1': 2}");
        usage("a quote is not closed", "restore", "--from", "x", "--keyspace", "a", "--replication", "{'class");
        usage("--from and --at exclude", "restore", "--from", "x", "--at", "-5m", "--table", "a.b");
        usage("is in the future", "restore", "--at", "2999-01-01T00:00:00Z", "--table", "a.b");
        usage("is no instant with its zone", "restore", "--at", "2026-01-01 00:00", "--table", "a.b");
        usage("'5x' is not a duration", "window", "a.b", "--at", "-5x");
        usage("is before all time", "window", "a.b", "--at", "-999999999999999d");
        usage("has no such target", "restore", "--from", "x", "--keyspace", "a", "--to", "nowhere");
    }

    @Test
    void restoreOptionsBecomeTheRequest() {
        run(Stream.of(
                "restore",
                "--from",
                "b1",
                "--keyspace",
                "shop",
                "--as-keyspace",
                "shop2",
                "--to",
                "lab",
                "--replication",
                "{ 'class' : 'NetworkTopologyStrategy', 'it''s': 2 }",
                "--ttl",
                "drop"));

        assertThat(workbench.asked.get(0))
                .isEqualTo(new RestoreRequest(
                        "b1",
                        Optional.of("shop"),
                        Optional.of("shop2"),
                        List.of(),
                        Optional.empty(),
                        Optional.of(Map.of("class", "NetworkTopologyStrategy", "it's", "2")),
                        RestoreRequest.Ttl.DROP));
        assertThat(workbench.asked.get(1)).hasFieldOrPropertyWithValue("section", "targets.lab");
    }

    @Test
    void anInstantIsTakenInUtcOrAsATimeBeforeNow() {
        run(Stream.of("restore", "--table", "a.b", "--at", "2026-11-22T11:42:07.5+01:00"));
        assertThat(workbench.asked.get(2)).isEqualTo(Instant.parse("2026-11-22T10:42:07.500Z"));
        workbench.asked.clear();
        assertThat(stderr()).doesNotContain("to go on after a cut");
        run(Stream.of("restore", "--table", "a.b", "--at", "-5m", "--dry-run"));
        assertThat(workbench.asked.get(2)).isEqualTo(Samples.NOW.minusSeconds(300));
        workbench.asked.clear();
        run(Stream.of("restore", "--table", "a.b", "--at", "-5m"));
        Instant at = Samples.NOW.minusSeconds(300);
        assertThat(workbench.asked.get(2)).isEqualTo(at);
        assertThat(stderr()).isEqualTo("note: instant " + at + "; to go on after a cut, say --at " + at + "\n");
    }

    @Test
    void whatIsNotWholeInAProtectionHasItsExitCode() {
        assertThat(run(Stream.of("protect", "shop.orders"))).isZero();
        assertThat(stdout()).contains("table shop.orders is protected", "window opens at");
        assertThat(run(Stream.of("window", "shop.orders"))).isZero();
        assertThat(stdout()).contains("QUORUM", "the agent's spool was full", "TRUNCATE at");
        assertThat(run(Stream.of("window", "shop.orders", "--at", "-5m"))).isZero();
        assertThat(run(Stream.of("unprotect", "shop.orders"))).isZero();

        workbench.complete = false;
        assertThat(run(Stream.of("protect", "shop.orders"))).isEqualTo(3);
        assertThat(stdout()).contains("not captured: 10.0.0.2:9042: the node is down");
        assertThat(run(Stream.of("unprotect", "shop.orders"))).isZero();
        assertThat(stdout()).contains("is protected no more", "note: agent http://10.0.0.2:9645 was not told");
        assertThat(run(Stream.of("window", "shop.orders", "--at", "-5m"))).isEqualTo(5);
        assertThat(stdout()).contains("cannot be restored; nearest before: ");
    }

    @Test
    void aHistoryShowsEachVersionWithWhatWasBeforeAndIsAfterIt() throws IOException {
        assertThat(run(Stream.of("history", "shop.orders", "--key", "id=7 AND line=1")))
                .isZero();
        assertThat(stdout())
                .startsWith("table shop.orders, id = 7 AND line = 1\n")
                .contains("versions   3, the oldest 1 are not shown", "every write acknowledged at QUORUM is told of")
                .contains("Z  UPDATE  record 4711\n    write time ", ", known to 100ms\n")
                .contains("    item  'pear' -> 'plum'  (TTL 100, until ")
                .contains("Z  DELETE ROW  LATE  record 4712\n")
                .contains("    item  'plum' -> null\n")
                .contains("  hindsight restore --table shop.orders --as shop.orders_then --at ");
        HistoryRequest request = (HistoryRequest) workbench.asked.get(0);
        assertThat(request.limit()).isEqualTo(HistoryRequest.USUAL_LIMIT);
        assertThat(workbench.asked.get(1)).isEqualTo(true);

        workbench.complete = false;
        workbench.asked.clear();
        assertThat(run(Stream.of("history", "shop.orders", "--key", "7", "--from", "-5m", "--limit", "3", "--no-seal")))
                .isZero();
        assertThat(stdout()).contains(": nothing is sure here, versions may be missing\n   node ");
        assertThat(((HistoryRequest) workbench.asked.get(0)).from()).contains(Samples.NOW.minusSeconds(300));
        assertThat(workbench.asked.get(1)).isEqualTo(false);
        assertThat(run(Stream.of("--json", "history", "shop.orders", "--key", "7")))
                .isZero();
        JsonNode version = JSON.readTree(stdout()).at("/entries/0");
        assertThat(version.get("kind").asText()).isEqualTo("change");
        assertThat(version.at("/operations/0").asText()).isEqualTo("update");
        assertThat(version.at("/rows/0/before/item/value").asText()).isEqualTo("'pear'");
        assertThat(version.at("/rows/0/after/item/ttlSeconds").asInt()).isEqualTo(100);
        workbench.asked.clear();
        usage("Missing required option: '--key=KEY'", "history", "a.b");
        usage("is in the future", "history", "a.b", "--key", "7", "--to", "2099-01-01T00:00:00Z");
    }

    @Test
    void aHistoryOfSeveralRowsNamesTheRowOfEachVersion() {
        workbench.history = JournalSamples.historyOfTwoRows();

        assertThat(run(Stream.of("history", "shop.orders", "--key", "7"))).isZero();

        assertThat(stdout())
                .contains("    row line = 1: insert\n        item  null -> 'pear'\n")
                .contains("    row line = 2: insert\n        item  null -> 'pear'\n")
                .as("two bases follow each other without a hole")
                .contains("every write acknowledged at ONE is told of");
    }

    @Test
    void aHistoryPromisesNothingOfAStretchThatNobodyKnows() {
        workbench.history = JournalSamples.historyOfAGap();

        assertThat(run(Stream.of("history", "shop.orders", "--key", "7"))).isZero();

        Instant opens = JournalSamples.OPENS;
        assertThat(stdout())
                .contains("ONE from " + opens + ", QUORUM from " + opens.plusSeconds(20) + ", none from "
                        + opens.plusSeconds(40) + ", QUORUM from " + opens.plusSeconds(60) + "\n")
                .contains("no write to it is known in this stretch; it was:\n    line = 1: item = 'pear'");
        workbench.history = JournalSamples.historyOfNothing();
        assertThat(run(Stream.of("history", "shop.orders", "--key", "7"))).isZero();
        assertThat(stdout())
                .contains("nothing was written to it in this stretch; it was:\n    line = 1: item = 'pear'");
    }

    @Test
    void theFirstLineAboutEachVerbIsASentence() {
        assertThat(commandLine(workbench, dir, NOWHERE, NOWHERE).getSubcommands())
                .isNotEmpty()
                .allSatisfy((name, verb) -> assertThat(
                                verb.getCommandSpec().usageMessage().description()[0])
                        .as(name)
                        .endsWith("."));
    }

    @Test
    void completingSaysWhatIsStoredAndWhatItReadForThat() throws IOException {
        assertThat(run(Stream.of("complete", "shop.orders"))).isZero();
        assertThat(stdout())
                .startsWith("table shop.orders: what was before is stored of 900 records more\n")
                .contains("0.25 bytes for each byte of the journal", "not kept: another run was faster");
        assertThat(run(Stream.of("complete", "shop.orders", "--dry-run"))).isZero();
        assertThat(stdout()).startsWith("PLAN  before-values of table shop.orders (nothing was touched)\n");
        assertThat(run(Stream.of("--json", "complete", "shop.orders"))).isZero();
        assertThat(JSON.readTree(stdout()).at("/runs/0/lastNumber").asLong()).isEqualTo(900);
    }

    @Test
    void restoreTakesItsTtlFromTheConfigurationAndQuotedNames() {
        run(Stream.of("restore", "--from", "latest", "--table", "\"My Ks\".\"T.1\"", "--dry-run"));

        RestoreRequest request = (RestoreRequest) workbench.asked.get(0);
        assertThat(request.ttl()).isEqualTo(RestoreRequest.Ttl.FREEZE);
        assertThat(request.tables()).containsExactly(new TableName("My Ks", "T.1"));
        assertThat(stdout()).startsWith("PLAN  restore of backup");
    }

    @Test
    void backupCoversTheConfiguredKeyspacesUnlessTold() {
        run(Stream.of("backup"));
        run(Stream.of("backup", "--keyspace", "a", "--keyspace", "b", "--table", "c.d"));
        run(Stream.of("backup", "--kind", "incremental"));

        assertThat(workbench.asked)
                .containsExactly(
                        new BackupRequest(Set.of("shop"), Set.of(), BackupRequest.Kind.AUTO),
                        new BackupRequest(Set.of("a", "b"), Set.of(new TableName("c", "d")), BackupRequest.Kind.AUTO),
                        new BackupRequest(Set.of("shop"), Set.of(), BackupRequest.Kind.INCREMENTAL));
    }

    @Test
    void thePlanOfABackupSaysWhichTableGoesHowAndWhy() {
        run(Stream.of("backup", "--dry-run"));

        assertThat(stdout())
                .contains("shop.orders  incremental")
                .contains("shop.fresh   whole")
                .contains("whole: shop.fresh: it is new")
                .contains("goes on with backup 20261122T090000Z-cd34, which was cut: 3 of 5 shards are stored")
                .contains("if that run is dead: backup on host h")
                .containsPattern("to read, about +3.00 MiB")
                .containsPattern("builds on +20261122T100000Z-ab12");
    }

    @Test
    void partialAndFailedResultsHaveTheirOwnCodes() {
        workbench.state = BackupManifest.State.PARTIAL;
        assertThat(run(Stream.of("backup"))).isEqualTo(3);
        assertThat(stdout()).contains("PARTIAL: no replica can be read for 1 token range");
        workbench.state = BackupManifest.State.COMPLETE;
        workbench.pastDamage = "is cut off";
        assertThat(run(Stream.of("backup"))).isEqualTo(3);
        assertThat(stdout()).contains("COMPLETE", "DAMAGED CATALOGUE", "is cut off");
        workbench.damagedChain = "shard 3 is stored whole: object x is missing";
        assertThat(run(Stream.of("backup"))).isEqualTo(3);
        assertThat(stdout())
                .contains("COMPLETE", "DAMAGED CHAIN: stored objects", "object x is missing", "hindsight verify");
        workbench.complete = false;
        assertThat(run(Stream.of("restore", "--from", "latest", "--keyspace", "shop")))
                .isEqualTo(3);
        workbench.refused = new String[] {"table shop.orders has rows"};
        for (ExitCode how : List.of(ExitCode.TARGET_UNSAFE, ExitCode.NO_SPACE, ExitCode.CLUSTER_UNREACHABLE)) {
            workbench.refusedAs = Optional.of(how);
            assertThat(run(Stream.of("restore", "--from", "latest", "--keyspace", "shop", "--dry-run")))
                    .isEqualTo(how.code());
            assertThat(stdout()).contains("REFUSED:\n  table shop.orders has rows");
        }
        workbench.problems = new String[] {"object x: flipped"};
        assertThat(run(Stream.of("verify"))).isEqualTo(4);
        assertThat(stdout()).contains("VERIFICATION FAILED: 1 problem\n  object x: flipped");
    }

    @Test
    void everyFailureTypeHasItsExitCodeAndNoStackTrace() {
        Map<RuntimeException, Integer> codes = new LinkedHashMap<>();
        codes.put(new CoverageException("m", "h"), 3);
        codes.put(new CorruptException("m", "h"), 4);
        codes.put(new PlanStaleException("m", "h"), 6);
        codes.put(new TargetUnsafeException("m", "h"), 7);
        codes.put(new CapacityException("m", "h"), 8);
        codes.put(new UnsupportedException("m", "h"), 9);
        codes.put(new RepositoryMissingException("m", "h"), 10);
        codes.put(new UnauthorisedException("m", "h"), 13);
        codes.put(new StoreUnreachableException("m", "h"), 14);
        codes.put(new ClusterUnreachableException("m", "h"), 15);
        codes.put(new CompletionException(new ClusterUnreachableException("m", "h")), 15);
        codes.put(new IllegalStateException("boom"), 1);
        codes.forEach((failure, code) -> {
            workbench.failure = failure;
            assertThat(run(Stream.of("list"))).as(failure.toString()).isEqualTo(code);
            assertThat(stderr()).startsWith("error: ").contains("\nhint: ").doesNotContain("\tat ");
        });
        assertThat(stderr()).contains("unexpected IllegalStateException: boom", "--debug");
        run(Stream.of("--debug", "list"));
        assertThat(stderr()).contains("\tat ");
    }

    @Test
    void doctorEndsWithOneOnlyWhenSomethingFails() {
        assertThat(run(Stream.of("doctor"))).isZero();
        assertThat(stdout()).isEqualTo("""
                        CHECK   OF       STATE  DETAIL
                        driver  cluster  warn   seen

                        next steps:
                          warn driver cluster: do it

                        no failures, 1 warning
                        """);
        workbench.level = Finding.Level.FAIL;
        assertThat(run(Stream.of("doctor"))).isEqualTo(1);
        assertThat(stdout()).endsWith("1 failure, 0 warnings\n");
    }

    @Test
    void interruptEndsWith130() {
        workbench.failure = new IllegalStateException(new InterruptedException());

        assertThat(run(Stream.of("backup"))).isEqualTo(130);
        assertThat(stderr()).contains("error: interrupted");
    }

    @Test
    void versionIsPrinted() {
        assertThat(run(Stream.of("--version"))).isZero();
        assertThat(stdout()).matches("hindsight \\d+\\.\\d+.*\n");
    }

    @Test
    void quietLeavesStderrEmpty() {
        run(Stream.of("backup"));
        assertThat(stderr()).startsWith("shards: ");
        run(Stream.of("backup", "--quiet"));
        assertThat(stderr()).isEmpty();
    }

    @Test
    void statusSaysHowOldTheNewestBackupIs() {
        run(Stream.of("status"));

        assertThat(stdout()).isEqualTo("""
                        repository     /r (repo-1)
                        backups        1
                        newest         20261122T100000Z-ab12, complete, 1 table, 1.00 MiB
                        restore point  2026-11-22 09:59:00Z, 2h 01m ago
                        unfinished     20261122T115900Z-cd34 since 2026-11-22 11:59:00Z, 1 of 4 shards; running, or died
                        protected      shop.orders, restorable to 2026-11-22T11:59:58Z at QUORUM, 2.0s behind now
                        """);
    }

    @Test
    void listIsATable() {
        run(Stream.of("list"));

        assertThat(stdout()).isEqualTo("""
                        BACKUP                 KIND  BUILDS ON  RESTORE POINT         TABLES   ROWS    STORED  UNIQUE  STATE
                        20261122T100000Z-ab12  full  -          2026-11-22 09:59:00Z       1  1,234  1.00 MiB     0 B  complete, held
                        """);
    }

    @Test
    void listShowsADamagedBackupInItsPlaceAndEndsWith4() {
        workbench.damagedBackup = true;

        assertThat(run(Stream.of("list"))).isEqualTo(4);
        assertThat(stdout()).isEqualTo("""
                        BACKUP                 KIND  BUILDS ON  RESTORE POINT         TABLES   ROWS    STORED  UNIQUE  STATE
                        20261122T100000Z-ab12  full  -          2026-11-22 09:59:00Z       1  1,234  1.00 MiB     0 B  complete, held
                        20261122T110000Z-ff00  -     -          -                          -      -         -       -  DAMAGED

                        DAMAGED: 1 problem; put the right bytes back from a copy of the repository; 'hindsight verify' looks at everything
                          backup 20261122T110000Z-ff00: its manifest is missing
                        """);
        assertThat(run(Stream.of("--json", "list"))).isEqualTo(4);
        assertThat(stdout()).contains("\"DAMAGED\"", "its manifest is missing", "20261122T100000Z-ab12");
    }

    @Test
    void statusNamesDamageAndEndsWith4() {
        workbench.problems = new String[] {"catalogue entry 3 is torn"};

        assertThat(run(Stream.of("status"))).isEqualTo(4);
        assertThat(stdout()).contains("20261122T100000Z-ab12", "DAMAGED: 1 problem", "  catalogue entry 3 is torn");
    }

    private static Stream<String> argumentsOf(String verb) {
        List<String> arguments = ARGUMENTS.get(verb);
        assertThat(arguments).as("say above what verb " + verb + " needs").isNotNull();
        return arguments == null ? Stream.of() : arguments.stream();
    }

    private void usage(String message, String... arguments) {
        assertThat(run(Stream.of(arguments))).as(message).isEqualTo(2);
        assertThat(stderr()).contains(message).contains("hint: ");
        assertThat(workbench.asked).isEmpty();
    }

    private int run(Stream<String> arguments) {
        out.reset();
        err.reset();
        return commandLine(
                        workbench,
                        dir,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .execute(arguments.toArray(String[]::new));
    }

    private static CommandLine commandLine(Workbench workbench, Path dir, PrintStream out, PrintStream err) {
        return HindsightCommand.commandLine(
                new Surroundings(
                        new Terminal(out, err, false, false, false),
                        Map.of(),
                        dir,
                        Clock.fixed(Samples.NOW, ZoneOffset.UTC),
                        Interrupts.none()),
                workbench);
    }

    private String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String stderr() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
