package dev.hindsight.bench.synthesis;

import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.bench.synthesis.engine.EngineKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that was measured with one data set. Filled while it is measured. One thread. */
final class DataResult {
    private final DataSet data;
    private final long inputBytes;
    private final String hindsight;
    private final Map<EngineKind, Passes> passes = new EnumMap<>(EngineKind.class);
    private final Map<EngineKind, String> missing = new EnumMap<>(EngineKind.class);
    private final Passes inTurn = new Passes();
    private final Passes atOnce = new Passes();
    private long rows;

    /** @param hindsight what the engine of {@link EngineKind#HINDSIGHT} is called in figures */
    DataResult(DataSet data, long inputBytes, String hindsight) {
        this.data = data;
        this.inputBytes = inputBytes;
        this.hindsight = hindsight;
        for (EngineKind kind : EngineKind.values()) {
            passes.put(kind, new Passes());
        }
    }

    DataSet data() {
        return data;
    }

    long inputBytes() {
        return inputBytes;
    }

    /** In the merged table. */
    long rows() {
        return rows;
    }

    void rows(long count) {
        rows = count;
    }

    Passes of(EngineKind kind) {
        return passes.computeIfAbsent(kind, one -> new Passes());
    }

    /** Two shards one after the other. */
    Passes inTurn() {
        return inTurn;
    }

    Passes atOnce() {
        return atOnce;
    }

    /** @param why no figures of this engine are to be expected */
    void missing(EngineKind kind, String why) {
        missing.put(kind, why);
    }

    @Nullable
    String missing(EngineKind kind) {
        return missing.get(kind);
    }

    String name(EngineKind kind) {
        return kind == EngineKind.HINDSIGHT ? hindsight : kind.id();
    }

    /** How many times this engine's CPU {@code other} took. */
    @Nullable
    Double ratio(EngineKind other, Passes to) {
        Passes from = of(other);
        return from.isEmpty() || to.isEmpty() ? null : from.cpuSeconds() / to.cpuSeconds();
    }

    List<SynthesisFigure> figures() {
        List<SynthesisFigure> out = new ArrayList<>();
        passes.forEach((kind, one) -> add(out, name(kind), one, kind == EngineKind.FLOOR));
        add(out, hindsight + ", 2 shards in turn", inTurn, false);
        add(out, hindsight + ", 2 shards on 2 threads", atOnce, false);
        return out;
    }

    private void add(List<SynthesisFigure> to, String engine, Passes of, boolean floor) {
        if (!of.isEmpty()) {
            to.add(new SynthesisFigure(
                    data.id(),
                    engine,
                    of.cpuSeconds(),
                    inputBytes,
                    floor ? null : of.allocatedBytes(),
                    ratio(EngineKind.CASSANDRA_5, of),
                    ratio(EngineKind.CASSANDRA_6, of),
                    ratio(EngineKind.FLOOR, of)));
        }
    }
}
