package dev.hindsight.operations.journal;

import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.restore.InstantPart;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A repository made by hand: two nodes, both replicas of everything; time counts in seconds from {@link #START}. */
abstract class InstantRig {
    static final Instant START = Instant.parse("2026-11-23T03:00:00Z");
    static final TableName ORDERS = new TableName("shop", "orders");
    static final TableName USERS = new TableName("shop", "users");
    static final List<UUID> HOSTS = List.of(new UUID(1, 1), new UUID(1, 2));
    static final Map<String, String> REPLICATION = Map.of("class", "NetworkTopologyStrategy", "dc1", "2");
    static final String OLD = "CREATE TABLE shop.orders (id int PRIMARY KEY, a int);";
    static final String NEW = "CREATE TABLE shop.orders (id int PRIMARY KEY, a int, b int);";

    @TempDir
    Path directory;

    Repository repository;
    JournalLog log;
    /** Whose journal {@link #log} is. */
    TableName sealed = ORDERS;
    /** What the next backup has. */
    List<TableName> backedUp = List.of(ORDERS, USERS);
    /** Of the keyspace, in the next backup. */
    boolean durable = true;
    /** What each version of the next sealed table says of the keyspace's other tables. */
    List<String> neighbours = List.of();
    /** Of the next entries that have records. */
    Optional<Long> spread = Optional.empty();
    /** Version of the schema that the next records are of. */
    int recordsOf = 1;
    /** Besides tables, in the next backup's keyspace. */
    List<SchemaElement> besides = List.of();
    /** Whether the next backup lacks the second node. */
    boolean degraded;
    /** Of tables that were created again. */
    private final Map<TableName, UUID> ids = new HashMap<>();
    /** Of each node, what its address begins with. */
    List<String> networks = List.of("127.0.0.", "127.0.0.");

    @BeforeEach
    void protect() {
        repository = Repository.init(DirectoryStore.create(directory.resolve("r")), Clock.fixed(START, ZoneOffset.UTC));
        repository.catalogue().append(new Change.Protect(protection(ORDERS), ""), author());
        log = new JournalLog(repository.store(), ORDERS, id(ORDERS));
    }

    /** What is sealed from now on is of this table, which is protected. */
    void turnTo(TableName table) {
        sealed = table;
        log = new JournalLog(repository.store(), table, id(table));
        repository.catalogue().append(new Change.Protect(protection(table), ""), author());
    }

    /** What comes from now on is of another table with this name. */
    void createAgain(TableName table, long second) {
        ids.put(table, new UUID(6, second));
        sealed = table;
        log = new JournalLog(repository.store(), table, id(table));
        repository.catalogue().append(new Change.Protect(protection(table), ""), new Author(1, "test", second(second)));
    }

    void expire(String backup) {
        repository.catalogue().append(new Change.Expire(backup, ""), new Author(1, "test", second(300)));
    }

    RestoreRequest at(long second) {
        return new InstantRestore(repository, "prod").at(request(List.of(ORDERS), Optional.empty()), second(second));
    }

    static RestoreRequest request(List<TableName> tables, Optional<String> keyspace) {
        return new RestoreRequest(
                "", keyspace, Optional.empty(), tables, Optional.empty(), Optional.empty(), RestoreRequest.Ttl.KEEP);
    }

    static InstantPart.Records records(RestoreRequest request) {
        return Optional.ofNullable(request.instant().orElseThrow().records().get(ORDERS))
                .orElseThrow();
    }

    static String ddl(RestoreRequest request) {
        return request.instant().orElseThrow().schema().get(0).elements().stream()
                .filter(element -> element.name().equals("orders"))
                .map(SchemaElement::ddl)
                .findFirst()
                .orElseThrow();
    }

    WindowReport window(Optional<Instant> at) {
        return new WindowOperation(repository, Clock.fixed(second(400), ZoneOffset.UTC)).window(ORDERS, at);
    }

    /** Snapshots were asked for 2 s before the restore point. */
    void backup(String name, long second) {
        publish(name, BackupManifest.Kind.FULL, Optional.empty(), second, second - 2);
    }

    /** Of a backup at {@code second}, made later. */
    void rebase(String name, String of, long second, long made) {
        publish(name, BackupManifest.Kind.REBASE, Optional.of(of), second, made);
    }

    void publish(String name, BackupManifest.Kind kind, Optional<String> of, long second, long began) {
        Ring ring = ring();
        ObjectRef plan = new ObjectRef("backups/" + name + "/plan.json", 1, Digests.of(new byte[1]));
        BackupManifest manifest = new BackupManifest(
                BackupManifest.FORMAT,
                name,
                kind,
                Optional.empty(),
                BackupManifest.State.COMPLETE,
                second(began),
                second(began + 7),
                second(second),
                "test",
                ring,
                HOSTS.stream()
                        .map(host -> new BackupManifest.NodeSnapshot(
                                host, "", Optional.of(second(second - 1)), "", Optional.of(second(second - 2))))
                        .toList(),
                List.of(new KeyspaceSchema(
                        "shop",
                        REPLICATION,
                        durable,
                        Stream.concat(
                                        backedUp.stream()
                                                .map(table -> new SchemaElement(
                                                        SchemaElement.Kind.TABLE,
                                                        table.table(),
                                                        "",
                                                        OLD.replace("orders", table.table()))),
                                        besides.stream())
                                .toList(),
                        backedUp.stream()
                                .map(table -> new TableFacts(table, id(table), 864000, false, false))
                                .toList())),
                backedUp.stream()
                        .map(table -> new BackupManifest.Table(
                                table,
                                id(table),
                                List.of(),
                                List.of(
                                        degraded
                                                ? new BackupManifest.Coverage(
                                                        TokenRange.FULL,
                                                        HOSTS.subList(0, 1),
                                                        List.of(new BackupManifest.Missing(HOSTS.get(1), "down")))
                                                : new BackupManifest.Coverage(TokenRange.FULL, HOSTS, List.of()))))
                        .toList(),
                plan,
                new BackupManifest.Totals(0, 0, 0, 0, 0, 0, 0, 0),
                of,
                Optional.empty());
        repository.publish(manifest, new Author(1, "test", second(began + 7)));
    }

    Ring ring() {
        return new Ring("prod", Ring.MURMUR3, List.of(node(0, -100L), node(1, 100L)));
    }

    Node node(int host, long token) {
        return new Node(HOSTS.get(host), networks.get(host) + host, "dc1", "r" + host, List.of(token), "5.0.9", true);
    }

    /** One entry with records at these seconds, and from second 200 on a second version of the schema. */
    void seal(
            long number,
            long watermark,
            List<Integer> seconds,
            List<JournalEntry.Event> events,
            List<JournalEntry.Whole> whole)
            throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        UUID segment = new UUID(3, number);
        JournalSegmentWriter writer = new JournalSegmentWriter(bytes, id(sealed), segment, 1, 0);
        for (int i = 0; i < seconds.size(); i++) {
            long at = micros(seconds.get(i));
            writer.add(
                    new ChangeRecord(
                            i + 1,
                            at,
                            new Observation(at, at),
                            false,
                            at,
                            new ContentDigest(0, i),
                            List.of(new Origin(HOSTS.get(0), new LogPosition(1, i + 1)))),
                    i,
                    8,
                    new byte[30],
                    0,
                    30,
                    17,
                    4);
        }
        writer.finish();
        String key = Keys.journalSegment(sealed, id(sealed), segment);
        repository.store().putIfAbsent(key, Body.of(bytes.toByteArray()));
        int last = seconds.size();
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                START,
                "test",
                sealed,
                id(sealed),
                micros(watermark),
                last,
                Optional.empty(),
                List.of(
                        new JournalEntry.SchemaVersion(1, 0, number),
                        new JournalEntry.SchemaVersion(2, micros(200), number)),
                IntStream.of(1, 2)
                        .mapToObj(version -> new JournalEntry.Definition(
                                version,
                                List.of(),
                                (version == 1 ? OLD : NEW).replace("orders", sealed.table()),
                                neighbours))
                        .toList(),
                List.of(new JournalEntry.Segment(
                        new ObjectRef(key, bytes.size(), Digests.of(bytes.toByteArray())),
                        recordsOf,
                        last,
                        30L * last,
                        1,
                        last,
                        micros(seconds.get(0)),
                        micros(seconds.get(last - 1)),
                        0,
                        last - 1)),
                List.of(),
                whole,
                List.of(),
                events,
                spread,
                Optional.empty(),
                Optional.empty()));
    }

    /** One more entry, without records. */
    void seal(long number, long watermark, List<JournalEntry.Whole> whole, Optional<JournalEntry.Owners> owners) {
        JournalEntry before = log.entry(number - 1);
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                START,
                "test",
                sealed,
                id(sealed),
                micros(watermark),
                before.lastNumber(),
                Optional.empty(),
                before.schemas(),
                List.of(),
                List.of(),
                List.of(),
                whole,
                List.of(),
                List.of(),
                Optional.empty(),
                owners,
                Optional.empty()));
    }

    static List<JournalEntry.Whole> whole(long from, long to) {
        return HOSTS.stream().flatMap(host -> whole(host, from, to).stream()).toList();
    }

    static List<JournalEntry.Whole> whole(UUID host, long from, long to) {
        return List.of(new JournalEntry.Whole(host, micros(from), micros(to + 1) - 1));
    }

    CatalogueEntry.Protection protection(TableName table) {
        return new CatalogueEntry.Protection("prod", table, id(table));
    }

    UUID id(TableName table) {
        return ids.getOrDefault(table, new UUID(5, table.table().length()));
    }

    static Author author() {
        return new Author(1, "test", START);
    }

    static Instant second(long second) {
        return START.plusSeconds(second);
    }

    static long micros(long second) {
        return Micros.of(second(second));
    }
}
