package dev.hindsight.model.ring;

import java.util.Map;
import java.util.TreeMap;

/** How a keyspace is replicated: Cassandra's replication map, understood. Transient replication is refused by name. */
public sealed interface Replication {
    record Simple(int factor) implements Replication {
        @Override
        public Map<String, String> asMap() {
            return Map.of("class", "SimpleStrategy", "replication_factor", Integer.toString(factor));
        }
    }

    /** @param factors replicas by datacenter name; a datacenter with 0 is left out */
    record NetworkTopology(Map<String, Integer> factors) implements Replication {
        public NetworkTopology {
            factors = Map.copyOf(factors);
        }

        @Override
        public Map<String, String> asMap() {
            Map<String, String> map = new TreeMap<>();
            map.put("class", "NetworkTopologyStrategy");
            factors.forEach((dc, rf) -> map.put(dc, Integer.toString(rf)));
            return map;
        }
    }

    /** Node-local keyspaces ({@code system}, {@code system_schema}, virtual ones): never backed up. */
    record Local() implements Replication {
        @Override
        public Map<String, String> asMap() {
            return Map.of("class", "LocalStrategy");
        }
    }

    /** Cassandra's replication map with short class names, as CQL takes it. */
    Map<String, String> asMap();

    /** {@code {'class': 'SimpleStrategy', 'replication_factor': '3'}}, keys sorted with {@code class} first. */
    default String asCql() {
        StringBuilder out =
                new StringBuilder("{'class': '").append(asMap().get("class")).append('\'');
        new TreeMap<>(asMap()).forEach((key, value) -> {
            if (!key.equals("class")) {
                out.append(", '")
                        .append(key.replace("'", "''"))
                        .append("': '")
                        .append(value)
                        .append('\'');
            }
        });
        return out.append('}').toString();
    }

    /**
     * @throws IllegalArgumentException naming the class or option that is not supported
     */
    static Replication parse(Map<String, String> map) {
        String full = map.getOrDefault("class", "");
        String name = full.substring(full.lastIndexOf('.') + 1);
        switch (name) {
            case "SimpleStrategy":
                return new Simple(factor("replication_factor", map.getOrDefault("replication_factor", "1")));
            case "NetworkTopologyStrategy":
                Map<String, Integer> factors = new TreeMap<>();
                map.forEach((key, value) -> {
                    if (!key.equals("class")) {
                        int factor = factor(key, value);
                        if (factor > 0) {
                            factors.put(key, factor);
                        }
                    }
                });
                return new NetworkTopology(factors);
            case "LocalStrategy":
                return new Local();
            default:
                throw new IllegalArgumentException("replication class '" + full + "' is not supported");
        }
    }

    private static int factor(String key, String value) {
        if (value.contains("/")) {
            throw new IllegalArgumentException(
                    "transient replication ('" + key + "': '" + value + "') is not supported");
        }
        try {
            int factor = Integer.parseInt(value.trim());
            if (factor < 0) {
                throw new IllegalArgumentException("replication factor " + key + " is negative: " + value);
            }
            return factor;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("replication factor '" + key + "' is not a number: '" + value + "'", e);
        }
    }
}
