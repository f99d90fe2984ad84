package dev.hindsight.model.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.window.RestorableWindow.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowArithmeticTest {
    private static final List<UUID> HOSTS =
            IntStream.range(0, 3).mapToObj(i -> new UUID(0, i)).toList();
    private static final long TIMEOUT = 10;

    @Test
    void guarantees_follow_how_many_of_the_replicas_count() {
        assertThat(Guarantee.of(3, 3)).isEqualTo(Guarantee.ONE);
        assertThat(Guarantee.of(2, 3)).isEqualTo(Guarantee.QUORUM);
        assertThat(Guarantee.of(1, 3)).isEqualTo(Guarantee.ALL);
        assertThat(Guarantee.of(0, 3)).isEqualTo(Guarantee.NONE);
        assertThat(Guarantee.of(1, 1)).isEqualTo(Guarantee.ONE);
        assertThat(Guarantee.of(1, 2)).isEqualTo(Guarantee.QUORUM);
        assertThat(Guarantee.of(4, 5)).isEqualTo(Guarantee.QUORUM);
        assertThat(Guarantee.of(2, 5)).isEqualTo(Guarantee.ALL);
    }

    @Test
    void with_all_replicas_whole_every_instant_from_the_base_on_holds_all_that_was_acknowledged() {
        RestorableWindow window = window(List.of(base("b", 100)), whole(0, 900), List.of(), 900);

        assertThat(window.spans()).containsExactly(span(100, 900, "b", Guarantee.ONE));
    }

    @Test
    void a_base_whose_snapshots_are_older_than_its_captures_is_worth_nothing() {
        assertThat(window(List.of(base("b", 100)), whole(96, 900), List.of(), 900)
                        .spans())
                .isEmpty();
        assertThat(window(List.of(base("b", 100)), whole(95, 900), List.of(), 900)
                        .spans())
                .isNotEmpty();
    }

    @Test
    void a_capture_that_began_just_before_the_base_is_enough() {
        RestorableWindow window = window(List.of(base("b", 1_000)), whole(995, 1_900), List.of(), 1_900);

        assertThat(window.spans()).containsExactly(span(1_000, 1_900, "b", Guarantee.ONE));
    }

    @Test
    void a_hole_of_one_replica_weakens_all_instants_behind_its_beginning_until_the_next_base() {
        List<HostCapture> captures = List.of(
                new HostCapture(HOSTS.get(0), List.of(new Stretch(0, 300), new Stretch(350, 900))),
                new HostCapture(HOSTS.get(1), List.of(new Stretch(0, 900))),
                new HostCapture(HOSTS.get(2), List.of(new Stretch(0, 900))));

        RestorableWindow window = window(List.of(base("b", 100), base("c", 500)), captures, List.of(), 900);

        assertThat(window.spans())
                .containsExactly(
                        span(100, 300, "b", Guarantee.ONE),
                        span(301, 499, "b", Guarantee.QUORUM),
                        span(500, 900, "c", Guarantee.ONE));
    }

    @Test
    void after_a_hole_of_all_replicas_nothing_is_restorable_until_the_next_base() {
        List<HostCapture> captures = HOSTS.stream()
                .map(host -> new HostCapture(host, List.of(new Stretch(0, 300), new Stretch(350, 900))))
                .toList();

        RestorableWindow window = window(List.of(base("b", 100), base("c", 500)), captures, List.of(), 900);

        assertThat(window.spans())
                .containsExactly(span(100, 300, "b", Guarantee.ONE), span(500, 900, "c", Guarantee.ONE));
        assertThat(window.at(400)).isEmpty();
        assertThat(window.nearestBefore(400)).contains(300L);
        assertThat(window.nearestAfter(400)).contains(500L);
        assertThat(window.nearestBefore(99)).isEmpty();
        assertThat(window.nearestAfter(901)).isEmpty();
        assertThat(window.stretches()).containsExactly(new Stretch(100, 300), new Stretch(500, 900));
    }

    @Test
    void what_was_captured_late_counts_only_for_instants_that_were_sealed_with_it() {
        List<HostCapture> captures = List.of(
                new HostCapture(HOSTS.get(0), List.of(new Stretch(0, 900))),
                new HostCapture(HOSTS.get(1), List.of(new Stretch(0, 900))),
                new HostCapture(
                        HOSTS.get(2),
                        List.of(
                                new HostCapture.Known(new Stretch(0, 300), 0),
                                new HostCapture.Known(new Stretch(301, 900), 700)),
                        List.of()));

        assertThat(window(List.of(base("b", 100)), captures, List.of(), 900).spans())
                .containsExactly(
                        span(100, 300, "b", Guarantee.ONE),
                        span(301, 699, "b", Guarantee.QUORUM),
                        span(700, 900, "b", Guarantee.ONE));
    }

    @Test
    void a_hole_that_is_learnt_later_weakens_also_what_was_sealed_before() {
        List<HostCapture> captures = new ArrayList<>(whole(0, 900).subList(0, 2));
        captures.add(new HostCapture(
                HOSTS.get(2), List.of(new HostCapture.Known(new Stretch(0, 900), 0)), List.of(new Stretch(290, 400))));

        assertThat(window(List.of(base("b", 100)), captures, List.of(), 900).spans())
                .containsExactly(span(100, 289, "b", Guarantee.ONE), span(290, 900, "b", Guarantee.QUORUM));
    }

    @Test
    void stretches_without_a_microsecond_between_them_are_one() {
        assertThat(Stretch.joined(List.of(new Stretch(8, 9), new Stretch(1, 3), new Stretch(4, 6), new Stretch(2, 5))))
                .containsExactly(new Stretch(1, 6), new Stretch(8, 9));
    }

    @Test
    void holes_cut_stretches() {
        assertThat(Stretch.without(
                        List.of(new Stretch(1, 10), new Stretch(20, 30), new Stretch(40, 50)),
                        List.of(new Stretch(5, 6), new Stretch(9, 22), new Stretch(40, 60))))
                .containsExactly(new Stretch(1, 4), new Stretch(7, 8), new Stretch(23, 30));
    }

    @Test
    void data_from_outside_ends_the_window_until_a_base_was_taken_behind_it() {
        List<OutsideData> outside = List.of(new OutsideData(300, 310, "import on host 0"));

        assertThat(window(List.of(base("b", 100), base("c", 312)), whole(0, 900), outside, 900)
                        .spans())
                .as("the snapshot of c was asked for while the import ran")
                .containsExactly(span(100, 299, "b", Guarantee.ONE));
        assertThat(window(List.of(base("b", 100), base("c", 320)), whole(0, 900), outside, 900)
                        .spans())
                .containsExactly(span(100, 299, "b", Guarantee.ONE), span(320, 900, "c", Guarantee.ONE));
    }

    @Test
    void nothing_behind_what_is_sealed_can_be_restored() {
        assertThat(window(List.of(base("b", 100)), whole(0, 900), List.of(), 99).spans())
                .isEmpty();
        assertThat(window(List.of(base("b", 100)), whole(0, 900), List.of(), 100)
                        .spans())
                .containsExactly(span(100, 100, "b", Guarantee.ONE));
    }

    private static RestorableWindow window(
            List<Base> bases, List<HostCapture> captures, List<OutsideData> outside, long sealed) {
        ReplicaMap map = new ReplicaMap(List.of(new ReplicaMap.Entry(TokenRange.FULL, HOSTS)));
        Map<UUID, String> datacenters = HOSTS.stream().collect(Collectors.toMap(host -> host, host -> "dc1"));
        return WindowArithmetic.window(
                new Evidence(bases, captures, List.of(new RingSince(0, map, datacenters)), outside, sealed, TIMEOUT));
    }

    private static List<HostCapture> whole(long from, long to) {
        return HOSTS.stream()
                .map(host -> new HostCapture(host, List.of(new Stretch(from, to))))
                .toList();
    }

    /** All three nodes were asked 5 before. */
    private static Base base(String name, long instant) {
        return Base.of(
                name,
                instant,
                List.of(new Base.Range(TokenRange.FULL, HOSTS)),
                HOSTS.stream().collect(Collectors.toMap(host -> host, host -> instant - 5)));
    }

    private static Span span(long from, long to, String base, Guarantee guarantee) {
        return new Span(from, to, base, new Guarantees(guarantee, Map.of("dc1", guarantee)));
    }
}
