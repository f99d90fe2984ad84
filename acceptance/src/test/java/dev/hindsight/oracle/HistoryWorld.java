package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.oracle.HistoryModel.Kind;
import dev.hindsight.oracle.HistoryModel.Write;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    static final Instant START = Instant.parse("2026-11-23T03:00:00Z");
    static final UUID TABLE_ID = UUID.fromString("5bc52802-de25-35ed-aeab-188eecebb0aa");
    static final List<UUID> HOSTS = List.of(new UUID(1, 1), new UUID(1, 2));
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
    private final HistoryUpdates updates = new HistoryUpdates(this::definition);
    private final HistoryBases bases;

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
        bases = new HistoryBases(directory, repository);
        write();
        backup("b1", 100);
        if (hole) {
            backup("b2", SECOND_BASE);
        }
        seal();
    }

    /** One more base that has everything. */
    void backup(String name, double second) {
        backup(name, second, HOSTS, Optional.empty());
    }

    /** One of which one replica was read, that has something else in each row than the journal leads to. */
    void weakBackup(String name, double second) {
        backup(name, second, HOSTS.subList(0, 1), Optional.of("'other'"));
    }

    /** One that has something else in each row than the journal leads to. */
    void otherBackup(String name, double second) {
        backup(name, second, HOSTS, Optional.of("'other'"));
    }

    /** The journal learns of data from outside when all is sealed. */
    void tellOfDataFromOutside(double from, double to) {
        JournalLog log = new JournalLog(repository.store(), TABLE, TABLE_ID);
        JournalEntry newest = log.newest().orElseThrow();
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                newest.number() + 1,
                log.digestOf(newest.number()),
                START,
                "test",
                TABLE,
                TABLE_ID,
                newest.watermarkMicros(),
                newest.lastNumber(),
                newest.schemas(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(new JournalEntry.Gap(
                        HOSTS.get(0), micros(from), micros(to), "sstableloader", Optional.of(true))),
                List.of(),
                Optional.empty()));
    }

    Repository repository() {
        return repository;
    }

    HistoryBases bases() {
        return bases;
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
                        done.add(new Done(number, at, schemaAt(at), write, updates.of(write, at, schemaAt(at))));
                    }
                    second = 153;
                }
            }
            second += 0.2 + random.nextDouble();
            int schema = schemaAt(second);
            Write write = write(i, second, schema);
            boolean numbered = second >= 80 && !isInHole(second);
            number += numbered ? 1 : 0;
            done.add(new Done(numbered ? number : 0, second, schema, write, updates.of(write, second, schema)));
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
                    byte[] update = updates.of(write, 70, 1);
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

    /**
     * A base with all up to its instant; asked for two seconds before.
     *
     * @param other that each row has in it, and in no other base
     */
    private void backup(String name, double second, List<UUID> read, Optional<String> other) {
        TableDefinition definition = definition(schemaAt(second));
        List<Update> added = new ArrayList<>();
        for (int i = 0; i < done.size() && done.get(i).second() < second; i++) {
            Done one = done.get(i);
            boolean gone = truncations.stream().anyMatch(at -> one.second() < at && at < second);
            if (!gone) {
                added.add(Update.of(i + 1, coding(one.schema()), one.update(), 0, one.update().length));
            }
        }
        other.ifPresent(value -> addToEachRow(value, second, added));
        added.sort(null);
        List<Iterator<Update>> parts = new ArrayList<>(List.of(added.iterator()));
        if (second < SECOND_BASE) {
            parts.add(largePartition());
        }
        bases.make(name, second, definition, read, parts);
    }

    /** Of a later write time than anything else. */
    private void addToEachRow(String value, double second, List<Update> to) {
        int schema = schemaAt(second);
        for (int key = 1; key <= KEYS; key++) {
            for (int row = 0; row < ROWS; row++) {
                Write write = new Write(
                        key,
                        Kind.INSERT,
                        Optional.of(new int[] {row, row}),
                        Map.of("v", Optional.of(value)),
                        micros(END + 1000),
                        HistoryModel.NEVER);
                byte[] update = updates.of(write, second, schema);
                to.add(Update.of(done.size() + to.size() + 1, coding(schema), update, 0, update.length));
            }
        }
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
                bases.put(Keys.journalSegment(TABLE, TABLE_ID, id), bytes.toByteArray()),
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

    static Author author() {
        return new Author(1, "test", START);
    }

    static long seconds(double second) {
        return instant(second).getEpochSecond();
    }

    static Instant instant(double second) {
        return START.plus(Math.round(second * 1_000_000), ChronoUnit.MICROS);
    }

    static long micros(double second) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant(second));
    }
}
