package dev.hindsight.bench.ring;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.hindsight.lab.Await;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Writes at a steady pace, each write with a number in its text, and finds out afterwards when each was in the repository:
 * captured by the first replica, captured by all of them, and numbered in the journal. An object is there from the moment that
 * its file got its name, which the file system notes as the change time of the file. One clock, as all runs on one machine.
 */
public final class LagProbe {
    private static final Duration SLACK = Duration.ofMinutes(2);
    private static final byte[] MARK = "probe-".getBytes(StandardCharsets.UTF_8);
    private static final int DIGITS = 8;
    private static final int FIRST_ID = 1_000_000_000;

    private final TableName table;
    private final UUID tableId;
    private final Path repository;
    private final ObjectStore store;
    private final List<Instant> acknowledged = new ArrayList<>();

    public LagProbe(TableName table, UUID tableId, Path repository) {
        this.table = table;
        this.tableId = tableId;
        this.repository = repository;
        this.store = DirectoryStore.open(repository);
    }

    /** Milliseconds. */
    public record Lag(long samples, double p50, double p99, double most) {
        static Lag of(List<Double> millis) {
            List<Double> sorted = millis.stream().sorted().toList();
            return new Lag(sorted.size(), at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
        }

        private static double at(List<Double> sorted, double share) {
            return sorted.isEmpty() ? 0 : sorted.get((int) Math.max(0, Math.ceil(share * sorted.size()) - 1));
        }
    }

    /**
     * From the acknowledgement on.
     *
     * @param first until one replica's capture was in the repository
     * @param all until those of all replicas were
     * @param numbered until the journal's entry was
     */
    public record Lags(Lag first, Lag all, Lag numbered) {}

    /** Writes at QUORUM, one after the other, at most so many in a second. */
    public void write(CqlSession session, int count, int perSecond, int valueLength) {
        PreparedStatement insert = session.prepare("INSERT INTO " + table + " (id, c, v) VALUES (?, 0, ?)");
        String filling = "x".repeat(Math.max(0, valueLength - MARK.length - DIGITS));
        AtomicInteger next = new AtomicInteger();
        ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
        try {
            var writing = pace.scheduleAtFixedRate(
                    () -> {
                        int number = next.get();
                        if (number < count) {
                            session.execute(insert.bind(
                                            FIRST_ID + number,
                                            String.format(Locale.ROOT, "probe-%0" + DIGITS + "d", number) + filling)
                                    .setConsistencyLevel(ConsistencyLevel.QUORUM));
                            acknowledged.add(Instant.now());
                            next.incrementAndGet();
                        }
                    },
                    0,
                    TimeUnit.SECONDS.toNanos(1) / perSecond,
                    TimeUnit.NANOSECONDS);
            Await.until(
                    count + " probes",
                    SLACK.plusSeconds(count / perSecond),
                    () -> next.get() >= count || writing.isDone());
        } finally {
            pace.shutdown();
        }
    }

    /** Once all of it is captured and sealed. */
    public Lags lags() throws IOException {
        int replicas = 0;
        Map<Integer, List<Instant>> captured = new TreeMap<>();
        try (Stream<Path> hosts = Files.list(repository.resolve("captures"))) {
            for (Path host : hosts.toList()) {
                replicas++;
                Map<Integer, Instant> one = captured(host);
                one.forEach((probe, at) -> captured.computeIfAbsent(probe, key -> new ArrayList<>())
                        .add(at));
            }
        }
        Map<Integer, Instant> numbered = numbered();
        List<Double> first = new ArrayList<>();
        List<Double> all = new ArrayList<>();
        List<Double> sealed = new ArrayList<>();
        for (int probe = 0; probe < acknowledged.size(); probe++) {
            Instant told = acknowledged.get(probe);
            List<Instant> copies =
                    captured.getOrDefault(probe, List.of()).stream().sorted().toList();
            if (copies.size() != replicas || !numbered.containsKey(probe)) {
                throw new IllegalStateException("probe " + probe + " was captured at " + copies + " by " + replicas
                        + " replicas, and numbered at " + numbered.get(probe));
            }
            first.add(millis(told, copies.get(0)));
            all.add(millis(told, copies.get(replicas - 1)));
            sealed.add(millis(told, Optional.ofNullable(numbered.get(probe)).orElseThrow()));
        }
        return new Lags(Lag.of(first), Lag.of(all), Lag.of(sealed));
    }

    private static double millis(Instant from, Instant to) {
        return ChronoUnit.MICROS.between(from, to) / 1000.0;
    }

    private static Map<Integer, Instant> captured(Path host) throws IOException {
        Map<Integer, Instant> out = new TreeMap<>();
        try (Stream<Path> objects = Files.walk(host)) {
            for (Path object : objects.filter(Files::isRegularFile).toList()) {
                Instant there = there(object);
                try (CaptureReader reader = CaptureReader.open(object.toString(), Files.newInputStream(object))) {
                    for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                        if (item.get() instanceof CaptureItem.Frame frame) {
                            byte[] mutation = frame.mutation();
                            probe(mutation, 0, mutation.length)
                                    .ifPresent(probe -> out.merge(probe, there, (a, b) -> a.isBefore(b) ? a : b));
                        }
                    }
                }
            }
        }
        return out;
    }

    private Map<Integer, Instant> numbered() throws IOException {
        JournalLog log = new JournalLog(store, table, tableId);
        JournalView view = JournalView.find(log).orElseThrow();
        TreeMap<Long, Instant> published = new TreeMap<>();
        for (long number = 1; number <= view.newest().number(); number++) {
            Instant there = there(repository.resolve(Keys.journalEntry(table, tableId, number)));
            published.putIfAbsent(log.entry(number).lastNumber(), there);
        }
        Map<Integer, Instant> out = new TreeMap<>();
        view.segments().forEach(segment -> {
            RecordCursor cursor =
                    JournalSegmentReader.open(store, segment.object()).cursor();
            while (cursor.next()) {
                long number = cursor.number;
                probe(cursor.bytes, cursor.updateAt, cursor.updateLength)
                        .ifPresent(probe ->
                                out.put(probe, published.ceilingEntry(number).getValue()));
            }
        });
        return out;
    }

    private static Instant there(Path object) {
        try {
            return ((FileTime) Files.getAttribute(object, "unix:ctime")).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Integer> probe(byte[] bytes, int from, int length) {
        int last = from + length - MARK.length - DIGITS;
        for (int at = from; at <= last; at++) {
            if (bytes[at] == MARK[0] && marked(bytes, at)) {
                String digits = new String(bytes, at + MARK.length, DIGITS, StandardCharsets.UTF_8);
                return digits.chars().allMatch(one -> one >= '0' && one <= '9')
                        ? Optional.of(Integer.parseInt(digits))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static boolean marked(byte[] bytes, int at) {
        for (int i = 0; i < MARK.length; i++) {
            if (bytes[at + i] != MARK[i]) {
                return false;
            }
        }
        return true;
    }
}
