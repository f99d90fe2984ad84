package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Everything that is in a store, read back and checked against what a node wrote. */
final class Captured {
    /** One frame and what is said of it. */
    record Seen(CaptureItem.Log log, CaptureItem.Frame frame) {}

    /** By incarnation. */
    final Map<String, List<CaptureItem>> items = new LinkedHashMap<>();

    final List<CaptureItem.Gap> gaps = new ArrayList<>();
    final List<CaptureItem.Done> dones = new ArrayList<>();
    final List<CaptureItem.NodeStarted> starts = new ArrayList<>();
    /** By position. */
    final TreeMap<LogPosition, Seen> frames = new TreeMap<>();

    static Captured of(ObjectStore store) {
        Captured out = new Captured();
        Map<String, String> seals = new HashMap<>();
        for (String key : store.list("captures/").stream().sorted().toList()) {
            Keys.CaptureKey name = Keys.captureOf(key).orElseThrow();
            String incarnation = name.incarnation().text();
            List<CaptureItem> into = out.items.computeIfAbsent(incarnation, unused -> new ArrayList<>());
            try (CaptureReader reader = CaptureReader.find(store, name.hostId(), name.incarnation(), name.number())
                    .orElseThrow()) {
                assertThat(reader.header().previous())
                        .as(key)
                        .isEqualTo(seals.getOrDefault(incarnation, CaptureHeader.NONE));
                for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                    into.add(item.get());
                }
                seals.put(incarnation, reader.seal());
            }
        }
        out.items.values().forEach(out::read);
        return out;
    }

    private void read(List<CaptureItem> list) {
        CaptureItem.Log log = null;
        Map<Long, Integer> positions = new HashMap<>();
        for (CaptureItem item : list) {
            if (item instanceof CaptureItem.Log next) {
                log = next;
            } else if (item instanceof CaptureItem.Frame frame && log != null) {
                Integer before = positions.put(log.segmentId(), frame.position());
                assertThat(frame.position()).isGreaterThan(before == null ? 0 : before);
                frames.putIfAbsent(new LogPosition(log.segmentId(), frame.position()), new Seen(log, frame));
            } else if (item instanceof CaptureItem.Gap gap) {
                gaps.add(gap);
            } else if (item instanceof CaptureItem.Done done) {
                dones.add(done);
            } else if (item instanceof CaptureItem.NodeStarted start) {
                starts.add(start);
            }
        }
    }

    private String withoutFrames() {
        StringBuilder out = new StringBuilder();
        items.forEach((incarnation, list) -> {
            out.append("\n").append(incarnation);
            list.stream()
                    .filter(item -> !(item instanceof CaptureItem.Frame))
                    .forEach(item -> out.append("\n  ").append(item));
        });
        return out.toString();
    }

    boolean inGap(LogPosition position) {
        return gaps.stream().anyMatch(gap -> gap.from().compareTo(position) < 0 && position.compareTo(gap.to()) <= 0);
    }

    /** Nothing is missing but what a gap names, nothing is there that was not written, and all instants hold. */
    void check(FakeLog log, Set<java.util.UUID> kept) {
        Map<LogPosition, FakeLog.Readable> written = new HashMap<>();
        for (FakeLog.Readable one : log.readable) {
            LogPosition position = new LogPosition(one.segment(), one.position());
            written.put(position, one);
            if (kept.contains(one.table()) && !frames.containsKey(position)) {
                assertThat(inGap(position))
                        .as("%s is lost without a gap; readable at %s; %s", position, one.micros(), withoutFrames())
                        .isTrue();
                for (CaptureItem.Gap gap : gaps) {
                    if (gap.from().compareTo(position) < 0 && position.compareTo(gap.to()) <= 0) {
                        assertThat(one.micros()).isBetween(gap.fromMicros(), gap.toMicros());
                    }
                }
            }
        }
        frames.forEach((position, seen) -> {
            FakeLog.Readable one = written.get(position);
            if (one == null) {
                throw new AssertionError(position + " was not readable");
            }
            assertThat(seen.frame().mutation()).isEqualTo(one.mutation());
            assertThat(kept).contains(one.table());
            assertThat(one.micros())
                    .as("%s observed", position)
                    .isBetween(
                            seen.log().observation().fromMicros(),
                            seen.log().observation().toMicros());
        });
        items.values().forEach(list -> seenHolds(list, log, kept));
        log.lost.forEach(this::isTold);
        for (CaptureItem.Done done : dones) {
            Integer end = log.unclean.get(done.end().segmentId());
            if (done.clean()) {
                assertThat(end).as("%s", done).isNull();
            }
        }
    }

    /** A node's end is told, or a gap reaches to it. */
    private void isTold(FakeLog.Lost lost) {
        boolean told = dones.stream()
                        .anyMatch(done -> !done.clean()
                                && done.end().segmentId() >= lost.first()
                                && done.end().segmentId() <= lost.segment())
                || inGap(new LogPosition(lost.segment(), lost.position()));
        assertThat(told)
                .as("%s is lost, and its node's end is not told; %s", lost, withoutFrames())
                .isTrue();
    }

    /** What an item SEEN says: all that was readable before is behind it or in a gap. */
    private void seenHolds(List<CaptureItem> list, FakeLog log, Set<java.util.UUID> kept) {
        Set<LogPosition> read = new java.util.HashSet<>();
        CaptureItem.Log in = null;
        long first = Long.MAX_VALUE;
        for (CaptureItem item : list) {
            if (item instanceof CaptureItem.Log next) {
                in = next;
                first = Math.min(first, next.segmentId());
            } else if (item instanceof CaptureItem.NodeStarted start) {
                first = Math.min(first, start.firstSegment());
            } else if (item instanceof CaptureItem.Frame frame && in != null) {
                read.add(new LogPosition(in.segmentId(), frame.position()));
            } else if (item instanceof CaptureItem.Seen seen) {
                for (FakeLog.Readable one : log.readable) {
                    LogPosition position = new LogPosition(one.segment(), one.position());
                    if (one.micros() < seen.micros() && kept.contains(one.table()) && one.segment() >= first) {
                        assertThat(read.contains(position) || inGap(position))
                                .as("%s readable at %s, behind %s", position, one.micros(), seen)
                                .isTrue();
                    }
                }
            }
        }
    }
}
