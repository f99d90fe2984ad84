package dev.hindsight.agent.capture;

import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** One table's directory in which SSTables come and go as Cassandra has them do, an agent that watches, and its clock. */
final class OutsideFixture {
    static final UUID HOST = new UUID(1, 1);
    static final UUID FOREIGN = new UUID(2, 2);
    static final UUID TABLE = UUID.fromString("11111111-0000-4000-8000-000000000001");
    static final Optional<StreamsSeen> NO_STREAMS = Optional.of(new StreamsSeen(List.of(), List.of()));

    /** What the operating system tells; nothing when it is told to be silent, and that it lost something when it did. */
    final class Told implements FileChanges {
        final Set<Path> watched = new HashSet<>();
        final Map<Path, Optional<List<Change>>> untaken = new LinkedHashMap<>();
        boolean refuses;
        boolean silent;
        boolean fails;

        @Override
        public boolean watch(Path directory) {
            if (!refuses) {
                watched.add(directory);
            }
            return !refuses;
        }

        @Override
        public void only(Set<Path> directories) {
            watched.retainAll(directories);
            untaken.keySet().retainAll(directories);
        }

        @Override
        public Map<Path, Optional<List<Change>>> take() {
            if (fails) {
                throw new IllegalStateException("no more memory for it");
            }
            Map<Path, Optional<List<Change>>> out = Map.copyOf(untaken);
            untaken.clear();
            return out;
        }

        void tell(boolean made, String file) {
            if (!silent && watched.contains(directory)) {
                untaken.computeIfAbsent(directory, key -> Optional.of(new ArrayList<>()))
                        .ifPresent(all -> all.add(new Change(made, file)));
            }
        }

        void overflow() {
            untaken.put(directory, Optional.empty());
        }

        @Override
        public void close() {}
    }

    final Path data;
    final Path directory;
    final Map<String, WrittenBy> statistics = new HashMap<>();
    Told told = new Told();
    OutsideWatch watch;
    Set<String> wanted = Set.of("shop");
    long nowMicros = 1_763_979_000_000_000L;
    LogPosition readable = new LogPosition(100, 0);
    Optional<KnownFiles> known = Optional.empty();

    OutsideFixture(Path root) throws IOException {
        data = root.resolve("data");
        directory = Files.createDirectories(
                data.resolve("shop/users-" + TABLE.toString().replace("-", "")));
        watch = watch(KnownFiles.none(HOST.toString()));
    }

    private OutsideWatch watch(KnownFiles from) {
        Clock clock = new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.EPOCH.plusNanos(nowMicros * 1000);
            }
        };
        return new OutsideWatch(
                from,
                HOST,
                new WallClock(clock),
                told,
                (in, sstable) -> Optional.ofNullable(
                        Files.exists(in.resolve(sstable + "-Statistics.db")) ? statistics.get(sstable) : null));
    }

    /** The agent ends; what it remembers is what was last to be remembered. */
    void agentAway(long millis) {
        nowMicros += millis * 1000;
        told = new Told();
    }

    void agentComes() {
        watch = watch(known.orElseThrow());
    }

    List<CaptureItem.Outside> look() {
        return look(NO_STREAMS);
    }

    List<CaptureItem.Outside> look(Optional<StreamsSeen> streams) {
        nowMicros += 200_000;
        List<CaptureItem.Outside> out = watch.look(List.of(data), wanted, readable, streams);
        known = watch.toRemember().or(() -> known);
        return out;
    }

    List<CaptureItem.Outside> lookFor(long millis) {
        List<CaptureItem.Outside> out = new ArrayList<>();
        for (long done = 0; done < millis; done += 200) {
            out.addAll(look());
        }
        return out;
    }

    /** By a node with that host id, of what its log has up to there. */
    static WrittenBy by(UUID host, long segment) {
        return new WrittenBy(Optional.of(host), Optional.of(new LogPosition(segment, 10)));
    }

    static WrittenBy streamed() {
        return new WrittenBy(Optional.of(HOST), Optional.empty());
    }

    void put(String sstable, WrittenBy by) throws IOException {
        statistics.put(sstable, by);
        for (String component : List.of("Data.db", "Statistics.db", "TOC.txt")) {
            file(sstable + "-" + component, "x");
        }
    }

    void file(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
        told.tell(true, name);
    }

    void remove(String name) throws IOException {
        Files.delete(directory.resolve(name));
        told.tell(false, name);
    }

    void removeSSTable(String sstable) throws IOException {
        for (String component : List.of("Data.db", "Statistics.db", "TOC.txt")) {
            remove(sstable + "-" + component);
        }
    }

    /** @return the log's name */
    String begin(String operation, String... makes) throws IOException {
        String log = "nb_txn_" + operation + "_" + new UUID(nowMicros, makes.length) + ".log";
        StringBuilder lines = new StringBuilder();
        for (String sstable : makes) {
            lines.append("ADD:[").append(directory.resolve(sstable)).append("-,0,8][1234567890]\n");
        }
        file(log, lines.toString());
        return log;
    }

    void flush(String sstable, long segment) throws IOException {
        String log = begin("flush", sstable);
        put(sstable, by(HOST, segment));
        remove(log);
    }

    Optional<StreamsSeen> ended(String operation, String... sstables) {
        return Optional.of(new StreamsSeen(List.of(), List.of(stream(operation, sstables))));
    }

    StreamsSeen.Stream stream(String operation, String... sstables) {
        Set<String> files = new HashSet<>();
        for (String sstable : sstables) {
            files.add(directory.resolve(sstable) + "-Data.db-0");
        }
        return new StreamsSeen.Stream(operation, 500_000_000L, Set.of(TABLE), files);
    }
}
