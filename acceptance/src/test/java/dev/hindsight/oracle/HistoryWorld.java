package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.oracle.HistoryModel.Kind;
import dev.hindsight.oracle.HistoryModel.Write;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * A protected table with a random past, in seconds from {@link #START}: a base at 100, the journal from 80 on, a column more
 * at 130, sometimes a hole from 180 to 196 with another base at 210, a column less at 220, a TRUNCATE at 250, the end at 300.
 */
final class HistoryWorld {
    static final TableName TABLE = new TableName("shop", "orders");
    static final int KEYS = 3;
    static final int ROWS = 4;
    /** Of a large partition: half of its rows are deleted at 150, one is written at 151, all are deleted at 152. */
    static final int LARGE = KEYS + 1;

    static final int LARGE_ROW_BYTES = 1000;

    private static final Instant START = Instant.parse("2026-11-23T03:00:00Z");
    static final UUID TABLE_ID = UUID.fromString("5bc52802-de25-35ed-aeab-188eecebb0aa");
    private static final List<UUID> HOSTS = List.of(new UUID(1, 1), new UUID(1, 2));
    private static final String COLUMNS = "CREATE TABLE shop.orders (id int, c int, %sv text, x int%s, "
            + "PRIMARY KEY (id, c)) WITH ID = " + TABLE_ID + ";";
    private static final double ADDED = 130.5;
    private static final double DROPPED = 220.5;
    private static final double HOLE_BEGINS = 180;
    private static final double HOLE_ENDS = 196;
    private static final double SECOND_BASE = 210;
    private static final double END = 300;
    private static final int LOG_VERSION = 8;

    private record Done(long number, double second, int schema, Write write, byte[] update) {}

    private final int largeRows;
    private final long seed;
    private final Random random;
    private final Path directory;
    private final Repository repository;
    private final boolean hole;
    private final boolean statics;
    private final List<Double> truncations = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();
    private final Map<Integer, UpdateCoding> codings = new HashMap<>();
    private final Map<Integer, TableMetadata> tables = new HashMap<>();

    HistoryWorld(long seed, Path directory) {
        this(seed, directory, 0);
    }

    /** @param largeRows that the large partition has in the first base; none without */
    HistoryWorld(long seed, Path directory, int largeRows) {
        this.largeRows = largeRows;
        this.seed = seed;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        this.directory = directory;
        this.hole = seed % 2 == 0;
        this.statics = seed % 4 > 1;
        if (seed % 3 == 0) {
            truncations.add(140.5);
        }
        truncations.add(250.5);
        repository = Repository.init(DirectoryStore.create(directory.resolve("r")), Clock.fixed(START, ZoneOffset.UTC));
        repository
                .catalogue()
                .append(new Change.Protect(new CatalogueEntry.Protection("prod", TABLE, TABLE_ID), ""), author());
        write();
        backup("b1", 100);
        if (hole) {
            backup("b2", SECOND_BASE);
        }
        seal();
    }

    Repository repository() {
        return repository;
    }

    Path directory() {
        return directory;
    }

    /** Whether it is known of the record what was before it: it is behind a base, without a hole between them. */
    boolean isInWindow(long number) {
        return done.stream()
                .anyMatch(one -> one.number() == number
                        && one.second() >= 100
                        && !(hole && one.second() >= HOLE_BEGINS && one.second() < SECOND_BASE));
    }

    @Override
    public String toString() {
        return "seed " + seed + (hole ? " with a hole" : "") + (statics ? " with a static column" : "");
    }

    boolean hasStaticColumn() {
        return statics;
    }

    TableDefinition definition(int schema) {
        String ddl =
                String.format(Locale.ROOT, COLUMNS, statics ? "s text static, " : "", schema > 1 ? ", w text" : "");
        return new TableDefinition(
                TABLE,
                List.of(),
                schema < 3 ? ddl : ddl + "\nALTER TABLE shop.orders DROP x USING TIMESTAMP " + micros(DROPPED) + ";");
    }

    private static int schemaAt(double second) {
        return second < ADDED ? 1 : second < DROPPED ? 2 : 3;
    }

    private boolean isInHole(double second) {
        return hole && second >= HOLE_BEGINS && second < HOLE_ENDS;
    }

    private void write() {
        long number = 0;
        double second = 60;
        for (int i = 0; second < END - 1.5; i++) {
            if (largeRows > 0 && second < 150) {
                double next = second + 2;
                if (next >= 150) {
                    for (Write write : ofLargePartition()) {
                        number++;
                        double at = (write.micros() - micros(0)) / 1e6;
                        done.add(new Done(number, at, schemaAt(at), write, update(write, at, schemaAt(at))));
                    }
                    second = 153;
                }
            }
            second += 0.2 + random.nextDouble();
            int schema = schemaAt(second);
            Write write = write(i, second, schema);
            boolean numbered = second >= 80 && !isInHole(second);
            number += numbered ? 1 : 0;
            done.add(new Done(numbered ? number : 0, second, schema, write, update(write, second, schema)));
        }
    }

    private List<Write> ofLargePartition() {
        int half = largeRows / 2;
        return List.of(
                new Write(
                        LARGE,
                        Kind.DELETE_RANGE,
                        Optional.of(new int[] {0, half - 1}),
                        Map.of(),
                        micros(150),
                        HistoryModel.NEVER),
                new Write(
                        LARGE,
                        Kind.INSERT,
                        Optional.of(new int[] {half, half}),
                        Map.of("v", Optional.of("'v'")),
                        micros(151),
                        HistoryModel.NEVER),
                new Write(LARGE, Kind.DELETE_PARTITION, Optional.empty(), Map.of(), micros(152), HistoryModel.NEVER));
    }

    /** As it was written before the base, row by row. */
    private Iterator<Update> largePartition() {
        TableMetadata table = tables.computeIfAbsent(1, version -> TableSchemas.parse(definition(version)));
        ByteBuffer key = ByteBufferUtil.bytes(LARGE);
        Random values = new Random(seed);
        return IntStream.range(0, largeRows)
                .mapToObj(row -> {
                    byte[] value = new byte[LARGE_ROW_BYTES];
                    for (int i = 0; i < value.length; i++) {
                        value[i] = (byte) ('A' + values.nextInt(58));
                    }
                    Write write = new Write(
                            LARGE,
                            Kind.INSERT,
                            Optional.of(new int[] {row, row}),
                            Map.of("v", Optional.of(new String(value, StandardCharsets.US_ASCII))),
                            micros(70),
                            HistoryModel.NEVER);
                    byte[] update =
                            serialised(PartitionUpdate.singleRowUpdate(table, key, row(table, write, seconds(70))));
                    return Update.of(row + 1, coding(1), update, 0, update.length);
                })
                .iterator();
    }

    /** Timestamps are unique by their last three digits. */
    private Write write(int i, double second, int schema) {
        int key = 1 + random.nextInt(KEYS);
        long spread = random.nextInt(3) == 0 ? random.nextInt(25_000) - 20_000 : 0;
        long micros = (micros(second) / 1000 + spread) * 1000 + i % 1000;
        int row = random.nextInt(ROWS);
        boolean mortal = random.nextInt(6) == 0;
        long expires = mortal ? seconds(second) + 1 + random.nextInt(30) : HistoryModel.NEVER;
        Map<String, Optional<String>> values = new TreeMap<>();
        for (String column :
                schema == 1 ? List.of("v", "x") : schema == 2 ? List.of("v", "w", "x") : List.of("v", "w")) {
            if (random.nextBoolean()) {
                String value = column.equals("x") ? String.valueOf(random.nextInt(9)) : "'" + column + i + "'";
                values.put(column, random.nextInt(5) == 0 ? Optional.empty() : Optional.of(value));
            }
        }
        Optional<int[]> one = Optional.of(new int[] {row, row});
        int kind = random.nextInt(12);
        switch (kind == 3 && !statics ? 4 : kind) {
            case 0:
                return new Write(key, Kind.DELETE_ROW, one, Map.of(), micros, HistoryModel.NEVER);
            case 1:
                int[] range = {row, row + random.nextInt(ROWS - row)};
                return new Write(key, Kind.DELETE_RANGE, Optional.of(range), Map.of(), micros, HistoryModel.NEVER);
            case 2:
                return new Write(key, Kind.DELETE_PARTITION, Optional.empty(), Map.of(), micros, HistoryModel.NEVER);
            case 3:
                Map<String, Optional<String>> statics = Map.of("s", Optional.of("'s" + i + "'"));
                return new Write(key, Kind.STATIC, Optional.empty(), statics, micros, expires);
            case 4:
            case 5:
            case 6:
                return new Write(key, Kind.INSERT, one, values, micros, expires);
            default:
                if (values.isEmpty()) {
                    values.put("v", Optional.of("'u" + i + "'"));
                }
                return new Write(key, Kind.UPDATE, one, values, micros, expires);
        }
    }

    private byte[] update(Write write, double second, int schema) {
        TableMetadata table = tables.computeIfAbsent(schema, version -> TableSchemas.parse(definition(version)));
        long now = seconds(second);
        ByteBuffer key = ByteBufferUtil.bytes(write.key());
        PartitionUpdate update;
        if (write.kind() == Kind.DELETE_PARTITION) {
            update = PartitionUpdate.fullPartitionDelete(table, key, write.micros(), now);
        } else if (write.kind() == Kind.DELETE_RANGE) {
            int[] range = write.rows().orElseThrow();
            PartitionUpdate.SimpleBuilder builder = PartitionUpdate.simpleBuilder(table, write.key())
                    .timestamp(write.micros())
                    .nowInSec(now);
            builder.addRangeTombstone()
                    .start(range[0])
                    .end(range[1])
                    .inclStart()
                    .inclEnd();
            update = builder.build();
        } else {
            update = PartitionUpdate.singleRowUpdate(table, key, row(table, write, now));
        }
        return serialised(update);
    }

    private static byte[] serialised(PartitionUpdate update) {
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(update, out, MessagingService.VERSION_50);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Row row(TableMetadata table, Write write, long now) {
        Row.Builder builder = BTreeRow.unsortedBuilder();
        builder.newRow(
                write.kind() == Kind.STATIC
                        ? Clustering.STATIC_CLUSTERING
                        : Clustering.make(ByteBufferUtil.bytes(write.rows().orElseThrow()[0])));
        boolean mortal = write.expiresSecond() != HistoryModel.NEVER;
        int ttl = mortal ? (int) (write.expiresSecond() - now) : 0;
        if (write.kind() == Kind.INSERT) {
            builder.addPrimaryKeyLivenessInfo(LivenessInfo.create(write.micros(), ttl, now));
        }
        if (write.kind() == Kind.DELETE_ROW) {
            builder.addRowDeletion(Row.Deletion.regular(DeletionTime.build(write.micros(), now)));
        }
        write.values().forEach((name, value) -> {
            ColumnMetadata column = table.getColumn(ByteBufferUtil.bytes(name));
            builder.addCell(value.map(literal -> {
                        ByteBuffer bytes = column.type.fromString(literal.replace("'", ""));
                        return mortal
                                ? BufferCell.expiring(column, write.micros(), ttl, now, bytes)
                                : BufferCell.live(column, write.micros(), bytes);
                    })
                    .orElseGet(() -> BufferCell.tombstone(column, write.micros(), now)));
        });
        return builder.build();
    }

    /** What whoever follows the journal can know just before the record, or just after it. */
    Map<String, Map<String, String>> known(int key, long number, long second, boolean after) {
        Done record =
                done.stream().filter(one -> one.number() == number).findFirst().orElseThrow();
        return until(key, record.second(), after, record.second() < SECOND_BASE, second, record.schema());
    }

    Map<String, Map<String, String>> aroundMark(int key, HistoryReport.Kind kind, long second, boolean after) {
        double at = second - START.getEpochSecond();
        switch (kind) {
            case TRUNCATE:
                return after ? Map.of() : until(key, at + 0.5, false, at < SECOND_BASE, second, schemaAt(at + 0.5));
            case SCHEMA:
                return until(key, DROPPED, false, false, second, after ? 3 : 2);
            case BASE:
                return until(key, SECOND_BASE, false, !after, second, 2);
            default:
                throw new IllegalArgumentException(kind + " at " + second);
        }
    }

    Map<String, Map<String, String>> atTheEnd(int key) {
        return until(key, END, true, false, seconds(END) - 1, 3);
    }

    private Map<String, Map<String, String>> until(
            int key, double until, boolean included, boolean withoutHole, long second, int schema) {
        HistoryModel model = new HistoryModel();
        double before = 0;
        for (Done one : done) {
            if (one.second() > until || one.second() == until && !included) {
                break;
            }
            for (double truncation : truncations) {
                if (truncation > before && truncation <= one.second()) {
                    model.truncate();
                }
            }
            before = one.second();
            if (!(withoutHole && isInHole(one.second()))) {
                model.apply(one.write());
            }
        }
        for (double truncation : truncations) {
            if (truncation > before && truncation < until) {
                model.truncate();
            }
        }
        return model.rows(key, second, schema == 3 ? Set.of("x") : Set.of());
    }

    /** Of the records that a history of the partition, or of one row, has to tell. */
    List<Long> numbersToTell(int key, Optional<Integer> row) {
        return done.stream()
                .filter(one ->
                        one.number() > 0 && one.second() >= 100 && one.write().key() == key)
                .filter(one -> row.map(c -> HistoryModel.isOf(one.write(), c)
                                || HistoryModel.isOf(one.write(), HistoryModel.STATIC_ROW)
                                || HistoryModel.deletes(one.write(), c))
                        .orElse(true))
                .map(Done::number)
                .toList();
    }

    private UpdateCoding coding(int schema) {
        return codings.computeIfAbsent(
                schema, version -> UpdateCoding.of("test", SegmentVersion.V50, TABLE_ID, definition(version)));
    }

    /** A base with all up to its instant; asked for two seconds before. */
    private void backup(String name, double second) {
        TableDefinition definition = definition(schemaAt(second));
        List<Update> updates = new ArrayList<>();
        for (int i = 0; i < done.size() && done.get(i).second() < second; i++) {
            Done one = done.get(i);
            boolean gone = truncations.stream().anyMatch(at -> one.second() < at && at < second);
            if (!gone) {
                updates.add(Update.of(i + 1, coding(one.schema()), one.update(), 0, one.update().length));
            }
        }
        updates.sort(null);
        List<ShardManifest.StoredSSTable> stored = new ArrayList<>();
        try (JournalReplay replay = new JournalReplay(
                definition,
                TokenRanges.FULL,
                micros(second),
                directory.resolve(name),
                JournalReplay.Limits.STANDARD,
                new Scratch(directory.resolve(name), 1 << 30))) {
            replay.add(updates.iterator());
            if (second < SECOND_BASE) {
                replay.add(largePartition());
            }
            for (OutputSSTable sstable : replay.finish()) {
                stored.add(new ShardManifest.StoredSSTable(
                        sstable.descriptor(),
                        sstable.firstToken(),
                        sstable.lastToken(),
                        sstable.partitions(),
                        sstable.rows(),
                        sstable.files().stream()
                                .map(file -> put(
                                        Keys.component(
                                                TABLE, TABLE_ID, name, 1, "a1", String.valueOf(file.getFileName())),
                                        bytes(file)))
                                .toList()));
            }
        }
        ShardManifest shard = new ShardManifest(
                ShardManifest.FORMAT,
                name,
                1,
                TABLE,
                TABLE_ID,
                List.of(TokenRange.FULL),
                List.of(),
                stored,
                List.of(),
                List.of(),
                new ShardManifest.Counts(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        publish(name, second, definition.ddl(), put(Keys.shardManifest(name, 1), Documents.toBytes(shard)));
    }

    private void publish(String name, double second, String ddl, ObjectRef shard) {
        Ring ring = new Ring("prod", Ring.MURMUR3, List.of(node(0, -100L), node(1, 100L)));
        Instant at = instant(second);
        repository.publish(
                new BackupManifest(
                        BackupManifest.FORMAT,
                        name,
                        BackupManifest.Kind.FULL,
                        Optional.empty(),
                        BackupManifest.State.COMPLETE,
                        at.minusSeconds(2),
                        at.plusSeconds(5),
                        at,
                        "test",
                        ring,
                        HOSTS.stream()
                                .map(host -> new BackupManifest.NodeSnapshot(
                                        host, "", Optional.of(at), "", Optional.of(at.minusSeconds(2))))
                                .toList(),
                        List.of(new KeyspaceSchema(
                                "shop",
                                Map.of("class", "NetworkTopologyStrategy", "dc1", "2"),
                                true,
                                List.of(new SchemaElement(SchemaElement.Kind.TABLE, "orders", "", ddl)),
                                List.of(new TableFacts(TABLE, TABLE_ID, 864000, false, false)))),
                        List.of(new BackupManifest.Table(
                                TABLE,
                                TABLE_ID,
                                List.of(shard),
                                List.of(new BackupManifest.Coverage(TokenRange.FULL, HOSTS, List.of())))),
                        new ObjectRef("backups/" + name + "/plan.json", 1, Digests.of(new byte[1])),
                        new BackupManifest.Totals(0, 0, 0, 0, 0, 0, 0, 0),
                        Optional.empty(),
                        Optional.empty()),
                author());
    }

    private static Node node(int host, long token) {
        return new Node(HOSTS.get(host), "127.0.0." + host, "dc1", "r" + host, List.of(token), "5.0.9", true);
    }

    /** Entries of a minute each; what one adds is in a few segments with numbers between each other's. */
    private void seal() {
        JournalLog log = new JournalLog(repository.store(), TABLE, TABLE_ID);
        double from = 0;
        long number = 1;
        for (double to = 60; to <= END; to += 60) {
            double begin = from;
            double end = to;
            List<JournalEntry.Segment> segments = new ArrayList<>();
            Map<String, List<Done>> parts = new TreeMap<>();
            for (Done one : done) {
                if (one.number() > 0 && one.second() >= begin && one.second() < end) {
                    parts.computeIfAbsent(one.schema() + " " + random.nextInt(3), part -> new ArrayList<>())
                            .add(one);
                }
            }
            parts.values().forEach(part -> segments.add(segment(part)));
            long last = done.stream()
                    .filter(one -> one.second() < end)
                    .mapToLong(Done::number)
                    .max()
                    .orElse(0);
            log.append(new JournalEntry(
                    JournalEntry.FORMAT,
                    number,
                    log.digestOf(number - 1),
                    START,
                    "test",
                    TABLE,
                    TABLE_ID,
                    micros(to),
                    last,
                    List.of(
                            new JournalEntry.SchemaVersion(1, 0, 1),
                            new JournalEntry.SchemaVersion(2, micros(ADDED), 1),
                            new JournalEntry.SchemaVersion(3, micros(DROPPED), 1)),
                    number > 1 ? List.of() : definitions(),
                    segments,
                    List.of(),
                    whole(begin, end),
                    List.of(),
                    events(begin, end),
                    Optional.empty()));
            from = to;
            number++;
        }
    }

    private List<JournalEntry.Definition> definitions() {
        List<JournalEntry.Definition> out = new ArrayList<>();
        for (int schema = 1; schema <= 3; schema++) {
            out.add(new JournalEntry.Definition(
                    schema, List.of(), definition(schema).ddl(), List.of()));
        }
        return out;
    }

    private List<JournalEntry.Whole> whole(double from, double to) {
        List<JournalEntry.Whole> out = new ArrayList<>();
        boolean holed = hole && from <= HOLE_BEGINS && to >= HOLE_ENDS;
        for (UUID host : HOSTS) {
            if (!holed) {
                out.add(new JournalEntry.Whole(host, micros(from), micros(to) - 1));
            } else {
                if (HOLE_BEGINS > from) {
                    out.add(new JournalEntry.Whole(host, micros(from), micros(HOLE_BEGINS) - 1));
                }
                out.add(new JournalEntry.Whole(host, micros(HOLE_ENDS), micros(to) - 1));
            }
        }
        return out;
    }

    /** Each node logs a TRUNCATE by itself, one a little later than the other. */
    private List<JournalEntry.Event> events(double from, double to) {
        List<JournalEntry.Event> out = new ArrayList<>();
        for (double at : truncations) {
            if (at >= from && at < to) {
                long last = done.stream()
                        .filter(one -> one.second() < at)
                        .mapToLong(Done::number)
                        .max()
                        .orElse(0);
                for (int host = 0; host < HOSTS.size(); host++) {
                    out.add(new JournalEntry.Event(
                            JournalEntry.EventKind.TRUNCATE, micros(at) + host * 20_000L, last, HOSTS.get(host)));
                }
            }
        }
        return out;
    }

    private JournalEntry.Segment segment(List<Done> records) {
        UUID id = new UUID(seed, random.nextLong());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long bytesOfUpdates = 0;
        List<Done> sorted = records.stream()
                .sorted(Comparator.comparingLong((Done one) -> token(one.write().key()))
                        .thenComparing(Done::number))
                .toList();
        try {
            JournalSegmentWriter writer =
                    new JournalSegmentWriter(bytes, TABLE_ID, id, records.get(0).number(), micros(100));
            for (Done one : sorted) {
                long at = micros(one.second());
                writer.add(
                        new ChangeRecord(
                                one.number(),
                                at,
                                new Observation(at - 50_000, at + 50_000),
                                false,
                                one.write().micros(),
                                ContentDigest.of(one.update(), 0, one.update().length),
                                List.of(new Origin(HOSTS.get(0), new LogPosition(1, (int) one.number())))),
                        token(one.write().key()),
                        LOG_VERSION,
                        one.update(),
                        0,
                        one.update().length,
                        17,
                        4);
                bytesOfUpdates += one.update().length;
            }
            writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new JournalEntry.Segment(
                put(Keys.journalSegment(TABLE, TABLE_ID, id), bytes.toByteArray()),
                records.get(0).schema(),
                records.size(),
                bytesOfUpdates,
                records.get(0).number(),
                records.get(records.size() - 1).number(),
                micros(records.get(0).second()),
                micros(records.get(records.size() - 1).second()),
                token(sorted.get(0).write().key()),
                token(sorted.get(sorted.size() - 1).write().key()));
    }

    private static long token(int key) {
        return Tokens.of(ByteBuffer.allocate(4).putInt(key).array());
    }

    private ObjectRef put(String key, byte[] bytes) {
        repository.store().putIfAbsent(key, Body.of(bytes));
        return new ObjectRef(key, bytes.length, Digests.of(bytes));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Author author() {
        return new Author(1, "test", START);
    }

    private static long seconds(double second) {
        return instant(second).getEpochSecond();
    }

    static Instant instant(double second) {
        return START.plus(Math.round(second * 1_000_000), ChronoUnit.MICROS);
    }

    private static long micros(double second) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant(second));
    }
}
