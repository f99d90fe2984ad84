package dev.hindsight.agent;

import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.http.TlsFiles;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An agent with a fake node over real directories, and clients for it. */
final class AgentFixture implements AutoCloseable {
    static final String READ = "read-token-0123456789";
    static final String IMPORT = "import-token-0123456789";
    static final String ADMIN = "admin-token-0123456789";
    static final AgentTokens ALL = AgentTokens.all(READ, IMPORT, ADMIN);

    final Path root;
    final FakeNode node;
    AgentServer server;
    private AgentConfig config;

    AgentFixture(Path root, int dataDirectories) throws IOException {
        this(root, dataDirectories, AgentConfig.Import.on(), new AgentConfig.Limits(0, 4, 0));
    }

    AgentFixture(Path root, int dataDirectories, AgentConfig.Import imports, AgentConfig.Limits limits)
            throws IOException {
        this.root = root;
        List<Path> data = new ArrayList<>();
        for (int i = 0; i < dataDirectories; i++) {
            data.add(Files.createDirectories(root.resolve("data" + i)).toRealPath());
        }
        this.node = new FakeNode(UUID.fromString("6a1f0000-0000-4000-8000-000000000001"), data);
        this.config = config(imports, limits, Optional.empty());
        this.server = start();
    }

    AgentConfig config(AgentConfig.Import imports, AgentConfig.Limits limits, Optional<TlsFiles> tls) {
        return new AgentConfig(
                new ListenAddress("127.0.0.1", 0, tls),
                new AgentConfig.Cassandra("127.0.0.1", 1, Optional.empty(), Optional.of("fake")),
                List.of(),
                List.of(
                        new BearerTokens.Token<>(AgentScope.READ, READ),
                        new BearerTokens.Token<>(AgentScope.IMPORT, IMPORT),
                        new BearerTokens.Token<>(AgentScope.ADMIN, ADMIN)),
                imports,
                limits,
                root.resolve("agent.state"));
    }

    private AgentServer start() {
        return AgentServer.start(config, node, Clock.systemUTC(), Throttle.Waiting.real());
    }

    /** As after a change of the configuration. */
    void restart(AgentConfig with) {
        server.close();
        config = with;
        server = start();
    }

    void restartWithIdle(Duration idle) {
        server.close();
        server = AgentServer.start(config, node, Clock.systemUTC(), Throttle.Waiting.real(), idle);
    }

    void restart() {
        restart(config);
    }

    HttpAgentClient client() {
        return client(server.address(), ALL, AgentTrust.jvm());
    }

    static HttpAgentClient client(URI address, AgentTokens tokens, AgentTrust trust) {
        return new HttpAgentClient(new AgentEndpoint(
                address, tokens, trust, Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60)));
    }

    ImportTarget target(String importId, TableName table) {
        return new ImportTarget(importId, table, node.tables.getOrDefault(table, new UUID(0, 0)));
    }

    /** Component files of an SSTable that a restore would send. */
    List<Path> outgoing(String descriptor, byte[] data) throws IOException {
        Path directory = root.resolve("outgoing-" + descriptor);
        FakeNode.components(directory, descriptor, data);
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
