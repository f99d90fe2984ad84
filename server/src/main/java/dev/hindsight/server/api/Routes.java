package dev.hindsight.server.api;

import dev.hindsight.server.metrics.ServiceMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** All operations, as {@code openapi.yaml} lists them; a test compares the two. */
public final class Routes {
    private static final String SPEC = "/dev/hindsight/server/openapi.yaml";
    private static final String TABLE = "/v1/tables/{keyspace}/{table}/";

    private final List<Route> all;

    public Routes(TableCalls tables, RestoreCalls restores, HealthCall health, ServiceMetrics metrics) {
        this.all = List.of(
                new Route("GET", "/v1/health", Optional.empty(), Set.of(), health::health),
                get("/v1/openapi.yaml", call -> Answer.text("application/yaml", spec())),
                get("/metrics", call -> Answer.text("text/plain; version=0.0.4; charset=utf-8", metrics.scrape())),
                get("/v1/tables", call -> tables.all()),
                get(TABLE + "protection", tables::protection),
                admin("PUT", TABLE + "protection", tables::protect),
                admin("DELETE", TABLE + "protection", tables::unprotect),
                new Route("GET", TABLE + "window", Optional.of(ApiScope.READ), Set.of("at"), tables::window),
                new Route(
                        "GET",
                        TABLE + "history",
                        Optional.of(ApiScope.HISTORY),
                        Set.of("key", "from", "to", "limit"),
                        tables::history),
                admin("POST", "/v1/restores", restores::restore),
                get("/v1/jobs", call -> restores.jobs()),
                get("/v1/jobs/{id}", restores::job));
    }

    private static Route get(String template, java.util.function.Function<Call, Answer> action) {
        return new Route("GET", template, Optional.of(ApiScope.READ), Set.of(), action);
    }

    private static Route admin(String method, String template, java.util.function.Function<Call, Answer> action) {
        return new Route(method, template, Optional.of(ApiScope.ADMIN), Set.of(), action);
    }

    List<Route> all() {
        return all;
    }

    /** The description of the API. */
    public static String spec() {
        try (InputStream in = Objects.requireNonNull(Routes.class.getResourceAsStream(SPEC), SPEC)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
