package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.schema.TableName;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScopesTest {
    /** Method, path, who may: r(ead), i(mport), a(dmin). */
    private static final List<List<String>> CALLS = List.of(
            List.of("GET", "/v1/info", "ra"),
            List.of("GET", "/v1/sizes?keyspace=k", "ra"),
            List.of("GET", "/v1/live?keyspace=k", "ra"),
            List.of("GET", "/v1/snapshots", "ra"),
            List.of("GET", "/v1/snapshots/t", "ra"),
            List.of("GET", "/v1/snapshots/t/0/k/t-00000000000000000000000000000000/nb-1-big-Data.db", "ra"),
            List.of("POST", "/v1/snapshots", "a"),
            List.of("DELETE", "/v1/snapshots/t", "a"),
            List.of("GET", "/v1/imports", "i"),
            List.of("DELETE", "/v1/imports/x", "i"),
            List.of("GET", "/v1/imports/x/k/t/00000000-0000-0000-0000-000000000000", "i"),
            List.of("GET", "/v1/imports/x/k/t/00000000-0000-0000-0000-000000000000/finished", "i"),
            List.of("PUT", "/v1/imports/x/k/t/00000000-0000-0000-0000-000000000000/nb-1-big-Data.db", "i"),
            List.of("POST", "/v1/imports/x/k/t/00000000-0000-0000-0000-000000000000/commit", "i"));

    @TempDir
    Path dir;

    private static HttpResponse<String> send(URI base, String method, String path, Optional<String> authorization)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path)).method(method, HttpRequest.BodyPublishers.noBody());
        authorization.ifPresent(value -> request.header("Authorization", value));
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void eachCallTakesExactlyItsScopes() throws Exception {
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            for (List<String> call : CALLS) {
                for (String[] token :
                        new String[][] {{"r", AgentFixture.READ}, {"i", AgentFixture.IMPORT}, {"a", AgentFixture.ADMIN}
                        }) {
                    int status = send(
                                    agent.server.address(), call.get(0), call.get(1), Optional.of("Bearer " + token[1]))
                            .statusCode();

                    if (call.get(2).contains(token[0])) {
                        assertThat(status).as("%s with %s", call, token[0]).isNotIn(401, 403);
                    } else {
                        assertThat(status).as("%s with %s", call, token[0]).isEqualTo(403);
                    }
                }
            }
        }
    }

    @Test
    void withoutTheRightTokenEveryPathLooksAlike() throws Exception {
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            List<Optional<String>> wrong = List.of(
                    Optional.empty(),
                    Optional.of("Bearer wrong"),
                    Optional.of("Bearer "),
                    Optional.of("Basic " + AgentFixture.READ),
                    Optional.of(AgentFixture.READ),
                    Optional.of("Bearer " + AgentFixture.READ + "x"),
                    Optional.of("Bearer " + AgentFixture.READ.substring(1)));
            String body = send(agent.server.address(), "GET", "/v1/info", Optional.empty())
                    .body();
            for (Optional<String> header : wrong) {
                for (String path : List.of("/v1/info", "/", "/nothing", "/v1/snapshots/t", "/v1/imports")) {
                    HttpResponse<String> response = send(agent.server.address(), "GET", path, header);

                    assertThat(response.statusCode()).as("%s %s", header, path).isEqualTo(401);
                    assertThat(response.body()).isEqualTo(body);
                    assertThat(response.headers().firstValue("Server")).isEmpty();
                }
            }
        }
    }

    @Test
    void clientTurnsRefusalsIntoUnauthorised() throws Exception {
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            HttpAgentClient wrong = AgentFixture.client(
                    agent.server.address(),
                    AgentTokens.all("wrong-wrong-wrong-wrong", AgentFixture.READ, AgentFixture.READ),
                    AgentTrust.jvm());

            assertThatThrownBy(wrong::info).isInstanceOf(UnauthorisedException.class);
            assertThatThrownBy(wrong::importIds).isInstanceOf(UnauthorisedException.class);
            assertThatThrownBy(() -> wrong.takeSnapshot(
                            new SnapshotRequest("t", List.of(new TableName("k", "t")), Optional.empty())))
                    .isInstanceOf(UnauthorisedException.class);
            assertThatThrownBy(() -> AgentFixture.client(agent.server.address(), AgentTokens.none(), AgentTrust.jvm())
                            .info())
                    .isInstanceOf(UnauthorisedException.class)
                    .hasMessageContaining("read");
        }
    }

    @Test
    void importIsOffUnlessConfigured() throws Exception {
        try (AgentFixture agent = new AgentFixture(dir, 1, AgentConfig.Import.off(), new AgentConfig.Limits(0, 4, 0))) {
            HttpAgentClient client = agent.client();
            TableName table = agent.node.table("shop", "carts");
            Path file = agent.outgoing("nb-1-big", new byte[3_000_000]).get(0);

            assertThat(client.info().importEnabled()).isFalse();
            assertThatThrownBy(() -> client.stage(agent.target("r1", table), file))
                    .isInstanceOf(PreconditionFailedException.class)
                    .hasMessageContaining("does not take SSTables");
            assertThatThrownBy(() -> client.commitImport(agent.target("r1", table)))
                    .isInstanceOf(PreconditionFailedException.class);
            assertThat(dir.resolve("hindsight-staging")).doesNotExist();
        }
    }

    @Test
    void tokensNeverPrint() {
        assertThat(AgentFixture.ALL.toString()).doesNotContain("0123456789");
        assertThat(new BearerTokens.Token<>(dev.hindsight.agent.api.AgentScope.READ, AgentFixture.READ).toString())
                .doesNotContain("0123456789");
    }
}
