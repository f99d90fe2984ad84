package dev.hindsight.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GcLogTest {
    private static final List<String> EXIT = List.of(
            "[9.912s][info][gc,heap,exit] Heap",
            "[9.912s][info][gc,heap,exit]  def new generation   total 157248K, used 92304K [0x00000000e0000000, 0x1)",
            "[9.912s][info][gc,heap,exit]   eden space 139776K,  66% used [0x00000000e0000000, 0x2, 0x3)",
            "[9.912s][info][gc,heap,exit]  tenured generation   total 349568K, used 3000K [0x00000000eaaa0000, 0x4)",
            "[9.912s][info][gc,heap,exit]  Metaspace       used 35214K, committed 35648K, reserved 1081344K");

    @Test
    void peakIsTheFullestHeapBeforeACollection() {
        GcLog log = GcLog.parse(List.of(
                "[0.004s][info][gc] Using Serial",
                "[2.101s][info][gc] GC(0) Pause Young (Allocation Failure) 136M->3M(494M) 2.500ms",
                "[3.101s][info][gc] GC(1) Pause Full (System.gc()) 200M->12M(494M) 7.500ms"));

        assertThat(log).isEqualTo(new GcLog(200L << 20, 12L << 20, 2, 0.010));
    }

    @Test
    void withoutACollectionTheHeapAtTheEndCounts() {
        assertThat(GcLog.parse(EXIT)).isEqualTo(new GcLog((92_304L + 3_000L) << 10, 0, 0, 0));
    }
}
