package dev.hindsight.cli.doctor;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.cli.Version;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.live.Connections;
import dev.hindsight.cli.live.PemTrust;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.units.ByteSize;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One agent: answers, tokens by scope, a caller without a token, clock, disks, imports.
 *
 * @param hostId of its node, when it said so
 */
record AgentCheck(URI address, Optional<UUID> hostId, List<Finding> findings) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** HTTP dates have seconds; below this nothing is known. Snapshot instants of nodes are compared with each other. */
    private static final Duration SKEW = Duration.ofSeconds(5);

    private static final int UNAUTHORISED = 401;

    static AgentCheck examine(
            ClusterConfig config,
            ClusterChecks.Role role,
            URI address,
            AgentTokens tokens,
            Connections connections,
            Clock clock) {
        List<Finding> findings = new ArrayList<>();
        String name = address.toString();
        AgentInfo info;
        try (AgentClient client = connections.agent(config, address, only(tokens.read(), AgentScope.READ))) {
            info = client.info();
        } catch (HindsightException e) {
            findings.add(Finding.fail("agent", name, e));
            return new AgentCheck(address, Optional.empty(), findings);
        }
        findings.add(describe(name, config, info));
        boolean imports = role == ClusterChecks.Role.TARGET;
        if (!imports) {
            token(
                    config,
                    connections,
                    address,
                    only(tokens.admin(), AgentScope.ADMIN),
                    "admin",
                    findings,
                    client -> client.clearSnapshot("hindsight-doctor-" + UUID.randomUUID()));
        }
        if (info.importEnabled()) {
            token(
                    config,
                    connections,
                    address,
                    only(tokens.importing(), AgentScope.IMPORT),
                    "import",
                    findings,
                    client -> {
                        List<String> unfinished = client.importIds();
                        if (!unfinished.isEmpty()) {
                            findings.add(Finding.warn(
                                    "import",
                                    name,
                                    unfinished.size() + " unfinished imports: " + String.join(", ", unfinished),
                                    "run the interrupted restore again"));
                        }
                    });
        } else {
            Finding.Level level = imports ? Finding.Level.FAIL : Finding.Level.WARN;
            findings.add(new Finding(
                    "import",
                    name,
                    level,
                    "off, so nothing can be restored to this node",
                    "set import: {enabled: true} in its agent.yaml"));
        }
        disks(name, info, findings);
        stranger(config, address, clock, findings);
        return new AgentCheck(address, Optional.of(info.hostId()), findings);
    }

    private static Finding describe(String name, ClusterConfig config, AgentInfo info) {
        String detail = "version " + info.agentVersion() + ", Cassandra " + info.releaseVersion() + ", host id "
                + info.hostId();
        if (!info.nodeUp()) {
            return Finding.fail("agent", name, detail + "; its node is down", "start the node");
        }
        if (!info.clusterName().equals(config.name())) {
            return Finding.fail(
                    "agent",
                    name,
                    "belongs to cluster '" + info.clusterName() + "', not '" + config.name() + "'",
                    "correct agents: or the cluster's name");
        }
        if (!info.agentVersion().equals(Version.current())) {
            return Finding.warn(
                    "agent",
                    name,
                    detail + "; this is version " + Version.current(),
                    "run the same version everywhere");
        }
        return Finding.ok("agent", name, detail);
    }

    private static void token(
            ClusterConfig config,
            Connections connections,
            URI address,
            AgentTokens tokens,
            String scope,
            List<Finding> findings,
            Consumer<AgentClient> use) {
        try (AgentClient client = connections.agent(config, address, tokens)) {
            use.accept(client);
            findings.add(Finding.ok("token " + scope, address.toString(), "accepted"));
        } catch (HindsightException e) {
            findings.add(Finding.fail("token " + scope, address.toString(), e));
        }
    }

    private static void disks(String name, AgentInfo info, List<Finding> findings) {
        for (AgentInfo.DataDirectory disk : info.dataDirectories()) {
            long spare = disk.usableBytes() - info.limits().minFreeBytes();
            String detail = disk.path() + ": " + ByteSize.format(disk.usableBytes()) + " free, "
                    + ByteSize.format(info.limits().minFreeBytes()) + " are kept free";
            findings.add(
                    spare > 0
                            ? Finding.ok("disk", name, detail)
                            : Finding.fail(
                                    "disk",
                                    name,
                                    detail + ", so snapshots are refused",
                                    "free space or lower min-free"));
        }
        if (!info.snapshotTtlSupported()) {
            findings.add(Finding.warn(
                    "snapshot ttl",
                    name,
                    "this Cassandra cannot end snapshots by itself",
                    "after a crash of hindsight run it again, so that it clears what it left"));
        }
    }

    /** A caller without a token must get nothing; the answer's date shows the clock of the machine. */
    private static void stranger(ClusterConfig config, URI address, Clock clock, List<Finding> findings) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1);
        if ("https".equals(address.getScheme())) {
            builder.sslContext(PemTrust.context(config.tls().ca()));
        }
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/info"))
                .timeout(PATIENCE)
                .build();
        try {
            HttpResponse<Void> response = builder.build().send(request, HttpResponse.BodyHandlers.discarding());
            Instant now = clock.instant();
            if (response.statusCode() != UNAUTHORISED) {
                findings.add(Finding.fail(
                        "stranger",
                        address.toString(),
                        "a call without a token was answered with " + response.statusCode(),
                        "this is not a Hindsight agent, or something stands in between"));
            }
            response.headers().firstValue("Date").ifPresent(date -> clock(address, date, now, findings));
        } catch (IOException e) {
            findings.add(Finding.warn("stranger", address.toString(), "not checked: " + e, "run doctor again"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void clock(URI address, String date, Instant now, List<Finding> findings) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration skew = Duration.between(theirs, now).abs();
            findings.add(
                    skew.compareTo(SKEW) <= 0
                            ? Finding.ok(
                                    "clock", address.toString(), "within " + SKEW.toSeconds() + " s of this machine")
                            : Finding.warn(
                                    "clock",
                                    address.toString(),
                                    skew.toSeconds() + " s away from this machine",
                                    "run NTP on all machines: restore points are told in the nodes' time"));
        } catch (DateTimeException e) {
            findings.add(
                    Finding.warn("clock", address.toString(), "unreadable date '" + date + "'", "run doctor again"));
        }
    }

    /** A client that holds one token and cannot fall back on a stronger one. */
    private static AgentTokens only(Optional<String> token, AgentScope scope) {
        return new AgentTokens(
                scope == AgentScope.READ ? token : Optional.empty(),
                scope == AgentScope.IMPORT ? token : Optional.empty(),
                scope == AgentScope.ADMIN ? token : Optional.empty());
    }
}
