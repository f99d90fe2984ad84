package dev.hindsight.model.window;

import java.util.Map;
import java.util.TreeMap;

/**
 * What holds for writes of each kind.
 *
 * @param cluster for levels that count replicas of all datacenters: {@code ONE}, {@code QUORUM}, {@code ALL}
 * @param byDatacenter for {@code LOCAL_ONE}, {@code LOCAL_QUORUM} of a datacenter with replicas
 */
public record Guarantees(Guarantee cluster, Map<String, Guarantee> byDatacenter) {
    public Guarantees {
        byDatacenter = Map.copyOf(byDatacenter);
    }

    /** The weaker of both for each; a datacenter that only one of them knows has what that one says. */
    public Guarantees weaker(Guarantees other) {
        Map<String, Guarantee> both = new TreeMap<>(byDatacenter);
        other.byDatacenter.forEach((name, guarantee) -> both.merge(name, guarantee, Guarantee::weaker));
        return new Guarantees(cluster.weaker(other.cluster), both);
    }
}
