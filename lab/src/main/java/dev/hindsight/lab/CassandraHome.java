package dev.hindsight.lab;

import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Stock Cassandra jars and the JVM flags they need. Nothing of Hindsight is on a node's class path. */
record CassandraHome(List<Path> jars) {
    static final String ROOT_PROPERTY = "hindsight.root";
    private static final String BUILD_HINT =
            "run 'mvn -f cassandra-5.0/pom.xml process-resources' in the project's root"
                    + " (or cassandra-4.1), and start the JVM with -D" + ROOT_PROPERTY
                    + "=<root> or name the directory to the"
                    + " builder";

    CassandraHome {
        jars = List.copyOf(jars);
    }

    /**
     * The jars of a module below the directory that {@value #ROOT_PROPERTY} names.
     *
     * @param release {@code 5.0} or {@code 4.1}
     */
    static CassandraHome ofProject(String release) {
        String root = System.getProperty(ROOT_PROPERTY);
        if (root == null) {
            throw new UsageException(
                    "system property " + ROOT_PROPERTY + " is not set, Cassandra's jars cannot be found", BUILD_HINT);
        }
        return of(Path.of(root, "cassandra-" + release, "target", "lib"));
    }

    static CassandraHome of(Path lib) {
        if (!Files.isDirectory(lib)) {
            throw new UsageException("no Cassandra jars: " + lib + " is not a directory", BUILD_HINT);
        }
        try (Stream<Path> files = Files.list(lib)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
            if (jars.stream().noneMatch(jar -> nameOf(jar).startsWith("cassandra-all-"))) {
                throw new UsageException("no Cassandra jars: " + lib + " holds no cassandra-all-*.jar", BUILD_HINT);
            }
            return new CassandraHome(jars);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code 5.0.9} */
    String version() {
        return jars.stream()
                .map(CassandraHome::nameOf)
                .filter(name -> name.startsWith("cassandra-all-"))
                .map(name -> name.substring("cassandra-all-".length(), name.length() - ".jar".length()))
                .findFirst()
                .orElseThrow();
    }

    /** Whether it has the settings that came with 5.0. */
    boolean isSinceFive() {
        return Integer.parseInt(version().substring(0, version().indexOf('.'))) >= 5;
    }

    String classPath(Path configuration) {
        return configuration + ":" + jars.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    Path jar(String prefix) {
        return jars.stream()
                .filter(jar -> nameOf(jar).startsWith(prefix))
                .findFirst()
                .orElseThrow(() -> new UsageException("no jar named " + prefix + "* beside Cassandra's", BUILD_HINT));
    }

    static List<String> jvmOptions() {
        try (InputStream in = CassandraHome.class.getResourceAsStream("node-jvm.options")) {
            if (in == null) {
                throw new IllegalStateException("node-jvm.options is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path jar) {
        return String.valueOf(jar.getFileName()).toLowerCase(Locale.ROOT);
    }
}
