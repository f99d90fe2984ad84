package dev.hindsight.server.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One operation of the API.
 *
 * @param template as in the description: {@code /v1/jobs/{id}}
 * @param scope empty: needs no token
 * @param query names of the query parameters that it knows
 */
record Route(
        String method, String template, Optional<ApiScope> scope, Set<String> query, Function<Call, Answer> action) {
    /** The path parameters' values; empty when the path is another one's. */
    Optional<Map<String, String>> match(List<String> parts) {
        List<String> wanted = List.of(template.substring(1).split("/"));
        if (wanted.size() != parts.size()) {
            return Optional.empty();
        }
        Map<String, String> out = new HashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            String one = wanted.get(i);
            if (one.startsWith("{")) {
                out.put(one.substring(1, one.length() - 1), parts.get(i));
            } else if (!one.equals(parts.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(out);
    }
}
