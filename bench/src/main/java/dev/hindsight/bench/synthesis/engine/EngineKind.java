package dev.hindsight.bench.synthesis.engine;

/** Who merges. */
public enum EngineKind {
    /** {@code CompactionTask} of Cassandra 5.0.9. Also makes inputs and counts outputs. */
    CASSANDRA_5("cassandra-5.0.9"),
    /** The cursor compaction of Cassandra 6.0-alpha2. */
    CASSANDRA_6("cassandra-6.0-alpha2-cursor"),
    /** A {@link dev.hindsight.synthesis.Synthesiser}. */
    HINDSIGHT("hindsight"),
    /** No merge at all, only what no merge can do without. */
    FLOOR("floor");

    private final String id;

    EngineKind(String id) {
        this.id = id;
    }

    /** As figures name it. */
    public String id() {
        return id;
    }
}
