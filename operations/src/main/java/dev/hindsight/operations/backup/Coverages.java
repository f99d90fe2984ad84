package dev.hindsight.operations.backup;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupManifest.Missing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Adding up what shards say about their coverage. */
final class Coverages {
    private Coverages() {}

    /** Sorted by range, neighbours with the same replicas joined. Inputs must not overlap. */
    static List<Coverage> join(List<Coverage> parts) {
        List<Coverage> sorted = new ArrayList<>(parts);
        sorted.sort(Comparator.comparing(Coverage::range));
        List<Coverage> out = new ArrayList<>();
        for (Coverage part : sorted) {
            Coverage last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null && last.range().end() == part.range().start() && sameReplicas(last, part)) {
                TokenRange joined =
                        new TokenRange(last.range().start(), part.range().end());
                out.set(out.size() - 1, new Coverage(joined, last.read(), last.missing()));
            } else {
                out.add(part);
            }
        }
        return List.copyOf(out);
    }

    private static boolean sameReplicas(Coverage a, Coverage b) {
        return sorted(a).equals(sorted(b))
                && a.missing().stream()
                        .map(Missing::toString)
                        .sorted()
                        .toList()
                        .equals(b.missing().stream()
                                .map(Missing::toString)
                                .sorted()
                                .toList());
    }

    private static List<String> sorted(Coverage coverage) {
        return coverage.read().stream().map(Object::toString).sorted().toList();
    }

    /** Ranges that have replicas, but none that was read. */
    static List<Coverage> uncovered(List<Coverage> coverage) {
        return coverage.stream().filter(part -> part.read().isEmpty()).toList();
    }
}
