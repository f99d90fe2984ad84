package dev.hindsight.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.SchemaElement.Kind;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.SampleDocuments;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of FORMAT.md, "Restore by hand with stock tools", as they stand there. */
class RestoreByHandTest {
    private static final TableName USERS = new TableName("shop", "users");
    private static final TableName OTHER = new TableName("shop", "users2");
    private static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final String USERS_DDL = "CREATE TABLE \"shop\".\"users\" (id int PRIMARY KEY, \"a\"\"b\" text)"
            + " WITH ID = " + ID + "\n    AND comment = '100% caf\u00e9 \\n \\\\ \t \u0001 \"key\" : \"x\",'\n"
            + "    AND gc_grace_seconds = 1;\n";
    private static final String OTHER_DDL = "CREATE TABLE shop.users2 (id int PRIMARY KEY) WITH ID = " + ID + ";\n";

    @TempDir
    Path directory;

    private final List<String> failures = new ArrayList<>();

    @BeforeEach
    void makeABackup() {
        Repository repository = Repository.init(DirectoryStore.create(directory.resolve("repo")), Clock.systemUTC());
        ObjectRef plan = repository.put(Keys.backupPlan(SampleDocuments.BACKUP), SampleDocuments.backupPlan());
        store(repository, USERS, 0, "loser", "nb-1-big");
        List<BackupManifest.Table> tables = List.of(
                table(
                        USERS,
                        shard(repository, USERS, 0, "nb-100001-big"),
                        shard(repository, USERS, 1, "nb-200001-big")),
                table(OTHER, shard(repository, OTHER, 2, "nb-300001-big")));
        BackupManifest m = SampleDocuments.manifest();
        KeyspaceSchema schema = new KeyspaceSchema(
                "shop",
                Map.of("class", "SimpleStrategy", "replication_factor", "3"),
                true,
                List.of(
                        new SchemaElement(Kind.TABLE, "users", "", USERS_DDL),
                        new SchemaElement(Kind.TABLE, "users2", "", OTHER_DDL)),
                List.of());
        BackupManifest manifest = new BackupManifest(
                m.format(),
                m.id(),
                m.kind(),
                m.parent(),
                m.state(),
                m.startedAt(),
                m.finishedAt(),
                m.restorePoint(),
                m.createdBy(),
                m.ring(),
                m.snapshots(),
                List.of(schema),
                tables,
                plan,
                m.totals());
        repository.publish(manifest, new Author(1, "test", Instant.EPOCH));
    }

    @Test
    void commandsOfThePageGatherATablesFilesAndItsSchema() throws Exception {
        assertThat(runPage()).as("%s", failures).isZero();

        Path out = directory.resolve("out");
        try (Stream<Path> files = Files.list(out.resolve("shop/users"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "nb-100001-big-Data.db",
                            "nb-100001-big-TOC.txt",
                            "nb-200001-big-Data.db",
                            "nb-200001-big-TOC.txt");
        }
        assertThat(out.resolve("shop/users/nb-200001-big-Data.db")).hasContent("users 1 nb-200001-big-Data.db");
        assertThat(out.resolve("schema.cql")).hasContent(USERS_DDL + OTHER_DDL);
        assertThat(out.resolve("schema-without-id.cql"))
                .hasContent(USERS_DDL.replace("ID = " + ID + "\n    AND ", "")
                        + "CREATE TABLE shop.users2 (id int PRIMARY KEY);\n");
    }

    @Test
    void commandsOfThePageStopAtDamageAndNameIt() throws Exception {
        Path victim = directory.resolve(
                "repo/" + Keys.component(USERS, ID, SampleDocuments.BACKUP, 1, "a1", "nb-200001-big-Data.db"));
        Files.writeString(victim, "users 1 nb-200001-big-Data.dB");

        assertThat(runPage()).isNotZero();
        assertThat(failures).anyMatch(line -> line.contains("nb-200001-big-Data.db") && line.contains("FAILED"));
    }

    @Test
    void commandsOfThePageStopAtADamagedManifest() throws Exception {
        Path victim = directory.resolve("repo/" + Keys.backupManifest(SampleDocuments.BACKUP));
        Files.writeString(victim, Files.readString(victim).replace("\"rows\" : 2500", "\"rows\" : 2501"));

        assertThat(runPage()).isNotZero();
        assertThat(directory.resolve("out/shop")).doesNotExist();
    }

    private int runPage() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("hindsight.root"), "docs", "FORMAT.md"));
        StringBuilder script = new StringBuilder("REPO='" + directory.resolve("repo") + "'\nBACKUP="
                + SampleDocuments.BACKUP + "\nTABLE=shop/users\nOUT='" + directory.resolve("out") + "'\n");
        Matcher block = Pattern.compile("```sh name=by-hand-(?!settings)[a-z-]+\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        int blocks = 0;
        while (block.find()) {
            script.append(block.group(1));
            blocks++;
        }
        assertThat(blocks).isEqualTo(4);
        Path file = Files.writeString(directory.resolve("by-hand.sh"), script);
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder("bash", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        failures.addAll(Files.readAllLines(log, StandardCharsets.UTF_8));
        return process.exitValue();
    }

    private static BackupManifest.Table table(TableName name, ObjectRef... shards) {
        return new BackupManifest.Table(name, ID, List.of(shards), List.of());
    }

    private static ObjectRef shard(Repository repository, TableName table, int number, String descriptor) {
        ShardManifest s = SampleDocuments.shard();
        ShardManifest.StoredSSTable sstable = new ShardManifest.StoredSSTable(
                descriptor, 1, 2, 3, 4, store(repository, table, number, "a1", descriptor));
        return repository.put(
                Keys.shardManifest(SampleDocuments.BACKUP, number),
                new ShardManifest(
                        1,
                        SampleDocuments.BACKUP,
                        number,
                        table,
                        ID,
                        s.ranges(),
                        s.coverage(),
                        List.of(sstable),
                        s.damaged(),
                        s.expiry(),
                        s.counts()));
    }

    private static List<ObjectRef> store(
            Repository repository, TableName table, int shard, String attempt, String descriptor) {
        List<ObjectRef> refs = new ArrayList<>();
        for (String component : List.of(descriptor + "-Data.db", descriptor + "-TOC.txt")) {
            byte[] content = (table.table() + " " + shard + " " + component).getBytes(StandardCharsets.UTF_8);
            refs.add(repository.put(
                    Keys.component(table, ID, SampleDocuments.BACKUP, shard, attempt, component),
                    Body.of(content),
                    Digests.of(content)));
        }
        return refs;
    }
}
