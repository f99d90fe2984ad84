package dev.hindsight.lab;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Everything that a {@link CassandraRing} is asked to be; made by {@link RingBuilder}. */
record RingShape(
        List<Place> places,
        Tokens tokens,
        int tokensPerNode,
        long seed,
        String format,
        String compatibility,
        int heapMiB,
        int dataDirectories,
        boolean hintedHandoff,
        boolean cdc,
        boolean incrementalBackups,
        boolean commitLogBatch,
        List<String> extraYaml,
        List<String> extraJvm,
        Duration startTimeout,
        Optional<java.nio.file.Path> directory,
        CassandraHome home) {

    record Place(String datacenter, String rack) {}

    enum Tokens {
        EVEN,
        RANDOM
    }

    RingShape {
        places = List.copyOf(places);
        extraYaml = List.copyOf(extraYaml);
        extraJvm = List.copyOf(extraJvm);
    }
}
