package dev.hindsight.oracle;

/** For tests of other packages: Cassandra's classes are configured as the oracle has them. */
public final class StartedCassandra {
    private StartedCassandra() {}

    public static void ensure() {
        CassandraRuntime.start();
    }
}
