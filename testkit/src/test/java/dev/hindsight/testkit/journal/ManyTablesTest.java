package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.protection.ProtectionEstimate;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealPace;
import dev.hindsight.operations.journal.TableSealers;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.testkit.store.MemoryStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What sealing asks of the store when few of many protected tables are written to. */
class ManyTablesTest extends SealerFixture {
    private static final System.Logger LOG = System.getLogger(ManyTablesTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int BUSY = 10;
    private static final int HOSTS = 3;
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final int WRITES = 10;

    /** A service that seals, and three nodes whose agents put an object each second, in a time of its own. */
    private final class Service {
        final MemoryStore memory = new MemoryStore();
        final CountingStore counting = new CountingStore(memory);
        final Repository repository = Repository.init(counting, new NowClock());
        final List<ProtectedTable> tables = new ArrayList<>();
        final List<CaptureWorld> hosts = new ArrayList<>();
        final Map<CaptureStream, Long> stored = new HashMap<>();
        final Map<TableName, Long> written = new HashMap<>();
        final Map<TableName, Long> sealed = new HashMap<>();
        final TableSealers sealers =
                new TableSealers(repository, scratch, new NowClock(), keyspace -> Optional.empty());
        final SealPace pace = new SealPace(INTERVAL, IDLE);
        final Random random = new Random(SEED);
        long seals;

        Service(int count) {
            now = BEGIN;
            for (int i = 1; i <= HOSTS; i++) {
                CaptureWorld host = new CaptureWorld(memory, new UUID(0, i), BEGIN / 1000);
                host.add(new CaptureItem.Scope(Set.of("ks"))).add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN));
                host.put();
                hosts.add(host);
                stored.put(host.stream, 0L);
            }
            for (int i = 0; i < count; i++) {
                // Ids as Cassandra makes them, by time.
                UUID id = new UUID(((0x8f8e2a10L + 7919L * i) << 32) | 0xc7b111f0L, 0x9d6b0b1d8a7f3c00L);
                ProtectedTable table = new ProtectedTable("c", new TableName("ks", "t" + i), id, Instant.EPOCH, true);
                tables.add(table);
                new Sealer(
                                memory,
                                new JournalLog(memory, table.name(), id),
                                scratch,
                                SealSettings.DEFAULT,
                                new NowClock(),
                                "test",
                                random)
                        .begin(
                                new Definition(
                                        1,
                                        List.of(),
                                        "CREATE TABLE " + table.name() + " (k int PRIMARY KEY, v int) WITH ID = " + id
                                                + ";\n",
                                        List.of()),
                                stored.keySet());
            }
        }

        CaptureSurvey captures() {
            return new CaptureSurvey(
                    List.copyOf(stored.keySet()),
                    stored.keySet().stream().map(CaptureStream::hostId).collect(Collectors.toSet()),
                    stored,
                    Map.of());
        }

        /** One second of all nodes: each busy table gets writes, which are replicated to all of them. */
        void second(int busy) {
            long from = now;
            now += 1_000_000;
            List<byte[]> mutations = new ArrayList<>();
            for (int i = 0; i < busy * WRITES; i++) {
                ProtectedTable table = tables.get(i % busy);
                written.merge(table.name(), 1L, Long::sum);
                mutations.add(MutationBytes.mutation(new MutationBytes.Update(
                                table.tableId(), MutationBytes.int4(random.nextInt(1000)), from + i, List.of("v"))
                        .row(List.of(), Map.of("v", MutationBytes.int4(random.nextInt())))));
            }
            for (CaptureWorld host : hosts) {
                host.add(new CaptureItem.Log(1, 8, new Observation(from, now - 100_000)));
                mutations.forEach(host::frame);
                host.add(new CaptureItem.Seen(new LogPosition(1, host.position()), now - 100_000));
                host.put();
                stored.merge(host.stream, 1L, Long::sum);
            }
        }

        void round(int busy) {
            second(busy);
            second(busy);
            CaptureSurvey captures = captures();
            Set<UUID> touched = sealers.touched(tables, captures);
            for (ProtectedTable table : pace.due(tables, touched, captures, new NowClock().instant())) {
                SealReport report = sealers.seal(table, captures);
                pace.sealed(table, captures, report, new NowClock().instant());
                sealed.merge(table.name(), report.records(), Long::sum);
                seals++;
            }
        }
    }

    /** What one idle interval takes, once all tables were sealed. */
    private record Cost(CountingStore.Counts store, long captures, long seals, double cpuSeconds) {}

    private Cost cost(int tables) {
        Service service = new Service(tables);
        int warmUp = 70;
        for (int round = 0; round < warmUp; round++) {
            service.round(BUSY);
        }
        CountingStore.Counts before = service.counting.counts();
        long seals = service.seals;
        long captures = service.stored.values().stream().mapToLong(one -> one).sum();
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int round = 0; round < IDLE.dividedBy(INTERVAL); round++) {
            service.round(BUSY);
        }
        Cost cost = new Cost(
                service.counting.counts().since(before),
                service.stored.values().stream().mapToLong(one -> one).sum() - captures,
                service.seals - seals,
                (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e9);
        requireSealed(service);
        // Once for all tables; journals begin behind the first of each node.
        assertThat(service.counting.captureGets())
                .isEqualTo(
                        service.stored.values().stream().mapToLong(one -> one).sum());
        LOG.log(System.Logger.Level.INFO, tables + " tables, " + BUSY + " busy, seed " + SEED + ": " + cost);
        return cost;
    }

    /** Nothing that was written is left behind, and no table is further behind than it may be. */
    private void requireSealed(Service service) {
        for (ProtectedTable table : service.tables) {
            JournalEntry newest = new JournalLog(service.memory, table.name(), table.tableId())
                    .newest()
                    .orElseThrow();
            boolean busy = service.written.containsKey(table.name());
            assertThat(newest.watermarkMicros())
                    .as("%s", table.name())
                    .isGreaterThanOrEqualTo(
                            now - (busy ? 200_000 : IDLE.plusMinutes(1).toNanos() / 1000));
            assertThat(newest.lastNumber())
                    .as("%s", table.name())
                    .isEqualTo(service.sealed.getOrDefault(table.name(), 0L))
                    .isEqualTo(service.written.getOrDefault(table.name(), 0L));
        }
    }

    @Test
    void costFollowsTheBusyTables() {
        Cost few = cost(BUSY);
        Cost many = cost(1000);
        assertThat(many.store().objects()).isLessThan(few.store().objects() * 5 / 4);
        assertThat(many.store().puts()).isLessThan(few.store().puts() * 5 / 4);
        assertThat(many.store().gets()).isLessThan(few.store().gets() * 3 / 2);
        assertThat(many.store().requests()).isLessThan(few.store().requests() * 3 / 2);
        assertThat(many.store().bytesRead()).isLessThan(few.store().bytesRead() * 3 / 2);
        assertThat(many.store().lists()).isZero();
        LOG.log(
                System.Logger.Level.INFO,
                String.format(
                        Locale.ROOT,
                        "1000 tables against 10: objects %.2f, requests %.2f, bytes read %.2f, CPU %.2f",
                        (double) many.store().objects() / few.store().objects(),
                        (double) many.store().requests() / few.store().requests(),
                        (double) many.store().bytesRead() / few.store().bytesRead(),
                        many.cpuSeconds() / few.cpuSeconds()));
        requireEstimated(few, BUSY);
        requireEstimated(many, 1000);
    }

    /** What {@code doctor} says of a month is about what was counted. */
    private static void requireEstimated(Cost counted, int tables) {
        ProtectionEstimate month = ProtectionEstimate.of(
                Collections.nCopies(HOSTS, new ProtectionEstimate.Agent(1, 1000, true)),
                tables,
                BUSY,
                HOSTS,
                INTERVAL,
                IDLE);
        double part = (double) IDLE.toSeconds() / ProtectionEstimate.MONTH.toSeconds();
        assertThat(counted.captures() / part).isBetween(month.captures() * 0.9, month.captures() * 1.1);
        assertThat(counted.store().objects() / part).isBetween(month.sealed() * 0.8, month.sealed() * 1.25);
        assertThat((counted.store().requests() + counted.captures()) / part)
                .isBetween(month.requests() * 0.67, month.requests() * 1.5);
    }
}
