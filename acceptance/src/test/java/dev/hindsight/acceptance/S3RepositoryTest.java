package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.testkit.store.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket in the place of a directory: everything else is the same, the keys too. */
class S3RepositoryTest {
    @TempDir
    Path directory;

    @Test
    void backupInABucketComesBackUnderAnotherNameAndInAnotherRing() throws IOException {
        RingWithAgents source = Rings.source();
        RingWithAgents target = Rings.target();
        S3Server server = S3Server.shared();
        String bucket = server.newBucket();
        CqlSession session = source.ring().session();
        session.execute("CREATE KEYSPACE bucketed WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        session.execute("CREATE TABLE bucketed.t (id int, c int, v text, PRIMARY KEY (id, c))");
        Rows.awaitTable(source.ring(), "bucketed.t");
        PreparedStatement insert = session.prepare("INSERT INTO bucketed.t (id, c, v) VALUES (?, ?, ?)");
        for (int i = 0; i < 500; i++) {
            session.execute(insert.bind(i / 5, i % 5, "value " + i));
        }
        secret("secret", S3Server.KEYS.secretKey());
        secret("access", S3Server.KEYS.accessKey());
        secret("wrong", "not-the-secret");
        Hindsight hindsight = inBucket(server, bucket, "secret", "hs", source, target);

        hindsight.run("backup", "--keyspace", "bucketed").expect(10);
        inBucket(server, bucket, "wrong", "locked-out", source, target)
                .run("init")
                .expect(13);
        hindsight.run("init").expect(0);
        hindsight.run("doctor").expect(0);
        hindsight.run("backup", "--keyspace", "bucketed").expect(0);
        hindsight.run("verify").expect(0);

        assertThat(hindsight.run("list").expect(0).out()).contains("complete");
        Path objects = server.files(bucket).resolve("prod/ring");
        assertThat(objects.resolve("repository.json")).isRegularFile();
        assertThat(objects.resolve("catalog/0000000000000001.json")).isRegularFile();
        try (Stream<Path> data = Files.walk(objects.resolve("data/bucketed"))) {
            assertThat(data).anyMatch(file -> file.toString().endsWith("-Data.db"));
        }

        hindsight
                .run("restore", "--from", "latest", "--table", "bucketed.t", "--as", "bucketed.t2")
                .expect(0);
        assertThat(rows(session, "bucketed.t2")).isEqualTo(500);
        hindsight
                .run(
                        "restore",
                        "--from",
                        "latest",
                        "--keyspace",
                        "bucketed",
                        "--to",
                        "dr",
                        "--replication",
                        "{'class': 'NetworkTopologyStrategy', 'dc1': '2'}")
                .expect(0);
        assertThat(rows(target.ring().session(), "bucketed.t")).isEqualTo(500);
        assertThat(hindsight.leftInScratch()).isEmpty();
    }

    private Hindsight inBucket(
            S3Server server, String bucket, String secret, String name, RingWithAgents source, RingWithAgents target) {
        String repository = String.join(
                "\n",
                "repository:",
                "  url: s3://" + bucket + "/prod/ring",
                "  s3:",
                "    endpoint: " + server.secureEndpoint(),
                "    ca: " + server.ca(),
                "    access-key: {file: " + directory.resolve("access") + "}",
                "    secret-key: {file: " + directory.resolve(secret) + "}",
                "");
        return new Hindsight(directory.resolve(name), repository, source, Map.of("dr", target), "  workers: 2\n");
    }

    private void secret(String name, String value) throws IOException {
        Path file = Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, value);
    }

    private static long rows(CqlSession session, String table) {
        return session.execute("SELECT id FROM " + table).all().size();
    }
}
