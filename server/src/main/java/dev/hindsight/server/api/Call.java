package dev.hindsight.server.api;

import java.util.Map;
import java.util.Optional;

/**
 * A request that was let in.
 *
 * @param path values of the route's path parameters
 * @param query of the first value each
 * @param key the header {@code Idempotency-Key}
 */
record Call(Map<String, String> path, Map<String, String> query, Optional<String> key, byte[] body) {
    String path(String name) {
        return Optional.ofNullable(path.get(name)).orElseThrow();
    }
}
