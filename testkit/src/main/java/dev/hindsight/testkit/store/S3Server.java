package dev.hindsight.testkit.store;

import dev.hindsight.lab.ChildProcess;
import dev.hindsight.lab.Loopback;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.s3.S3Settings;
import dev.hindsight.repository.store.s3.S3Settings.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real S3 server in a process of its own: S3Proxy, which checks signatures and keeps objects as files. Its jar is put
 * into {@code s3proxy/target/lib} by the module of that name. It listens on loopback, once with and once without TLS.
 * Safe for use by several threads.
 */
public final class S3Server implements AutoCloseable {
    public static final Credentials KEYS =
            new Credentials("AKIDHINDSIGHT", "secret-of-the-test-server-0123456789", Optional.empty());

    private static final String HOST = "127.0.0.1";
    private static final String STORE_PASSWORD = "changeit";
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final int STARTS = 5;
    private static final String BUILD_HINT = "run 'mvn -pl s3proxy process-resources' in the project's root";

    private static @Nullable S3Server shared;

    private final Path directory;
    private final ChildProcess process;
    private final int port;
    private final int securePort;
    private final AtomicInteger buckets = new AtomicInteger();

    private S3Server(Path directory, ChildProcess process, int port, int securePort) {
        this.directory = directory;
        this.process = process;
        this.port = port;
        this.securePort = securePort;
    }

    /** One for this JVM, ended with it. */
    public static synchronized S3Server shared() {
        if (shared == null) {
            S3Server started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::close, "end-s3-server"));
            shared = started;
        }
        return shared;
    }

    public static S3Server start() {
        Path jar = jar();
        UUID unique = UUID.randomUUID();
        Loopback loopback = new Loopback(unique.getMostSignificantBits() ^ unique.getLeastSignificantBits());
        for (int attempt = 1; ; attempt++) {
            try {
                return start(jar, loopback.port(HOST), loopback.port(HOST));
            } catch (HindsightException e) {
                // Somebody else may have taken a port between looking and listening.
                if (attempt == STARTS) {
                    throw e;
                }
            }
        }
    }

    private static S3Server start(Path jar, int port, int securePort) {
        try {
            Path directory = Files.createTempDirectory("hindsight-s3");
            Files.createDirectory(directory.resolve("data"));
            makeCertificate(directory);
            Files.writeString(
                    directory.resolve("s3proxy.conf"),
                    String.join(
                            "\n",
                            "s3proxy.endpoint=http://" + HOST + ":" + port,
                            "s3proxy.secure-endpoint=https://" + HOST + ":" + securePort,
                            "s3proxy.keystore-path=" + directory.resolve("server.p12"),
                            "s3proxy.keystore-password=" + STORE_PASSWORD,
                            "s3proxy.authorization=aws-v2-or-v4",
                            "s3proxy.identity=" + KEYS.accessKey(),
                            "s3proxy.credential=" + KEYS.secretKey(),
                            "jclouds.provider=filesystem-nio2",
                            "jclouds.filesystem.basedir=" + directory.resolve("data"),
                            ""));
            ChildProcess process = ChildProcess.builder(
                            "s3proxy",
                            directory.resolve("server.log"),
                            List.of(
                                    ChildProcess.java(),
                                    "-Xmx384m",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-jar",
                                    jar.toString(),
                                    "--properties",
                                    directory.resolve("s3proxy.conf").toString()))
                    .directory(directory)
                    .removeIfOrphaned(directory)
                    .start();
            S3Server server = new S3Server(directory, process, port, securePort);
            try {
                process.await("S3Proxy listens", START_LIMIT, () -> listens(port) && listens(securePort));
                return server;
            } catch (RuntimeException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without TLS. */
    public URI endpoint() {
        return URI.create("http://" + HOST + ":" + port);
    }

    public URI secureEndpoint() {
        return URI.create("https://" + HOST + ":" + securePort);
    }

    /** What makes {@link #secureEndpoint} believable, PEM. */
    public Path ca() {
        return directory.resolve("server.pem");
    }

    public int port() {
        return port;
    }

    public ChildProcess process() {
        return process;
    }

    /** A new, empty one. */
    public String newBucket() {
        String name = "bucket-" + buckets.incrementAndGet();
        try {
            Files.createDirectory(files(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return name;
    }

    /** Where the objects of a bucket lie as files. */
    public Path files(String bucket) {
        return directory.resolve("data").resolve(bucket);
    }

    /** For this server, without TLS, with the right keys. */
    public S3Settings.Builder settings(String bucket) {
        return S3Settings.at("s3://" + bucket + "/some/prefix")
                .endpoint(endpoint())
                .credentials(KEYS);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(HOST, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path jar() {
        String root = System.getProperty("hindsight.root");
        if (root == null) {
            throw new UsageException("system property hindsight.root is not set, S3Proxy cannot be found", BUILD_HINT);
        }
        Path lib = Path.of(root, "s3proxy", "target", "lib");
        if (!Files.isDirectory(lib)) {
            throw new UsageException("no S3Proxy: " + lib + " is not a directory", BUILD_HINT);
        }
        try (Stream<Path> files = Files.list(lib)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("no S3Proxy in " + lib, BUILD_HINT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void makeCertificate(Path directory) throws IOException {
        keytool(
                directory,
                "-genkeypair -alias s3 -keyalg EC -groupname secp256r1 -validity 30 -dname CN=127.0.0.1"
                        + " -ext san=ip:127.0.0.1 -storetype PKCS12 -keystore server.p12 -storepass " + STORE_PASSWORD);
        keytool(
                directory,
                "-exportcert -rfc -alias s3 -keystore server.p12 -storepass " + STORE_PASSWORD + " -file server.pem");
    }

    private static void keytool(Path directory, String arguments) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString()),
                        Stream.of(arguments.split(" ", -1)))
                .toList();
        try (ChildProcess keytool = ChildProcess.builder("keytool", directory.resolve("keytool.log"), command)
                .directory(directory)
                .start()) {
            if (keytool.awaitExit(Duration.ofSeconds(60)) != 0) {
                throw new NotAppliedException("keytool failed: " + keytool.tail(20), "look at its output");
            }
        }
    }

    /** Ends the server and removes all of its objects. */
    @Override
    public void close() {
        process.close();
        try {
            deleteTree(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
