package dev.hindsight.lab;

import java.nio.file.Path;
import java.util.List;

/** A class-data archive of Cassandra's start-up classes, shared by all nodes. */
record SharedClasses(CassandraHome home) {
    List<String> flags(Path nodeDirectory) {
        return List.of();
    }
}
