package dev.hindsight.model.window;

import java.util.List;

/**
 * All that is known about one table.
 *
 * @param rings sorted; the first holds from the beginning
 * @param sealedMicros the journal has numbered everything up to here that any capture gave
 * @param writeTimeoutMicros a write that was acknowledged reached the replicas that acknowledged it at most so long before
 */
public record Evidence(
        List<Base> bases,
        List<HostCapture> captures,
        List<RingSince> rings,
        List<OutsideData> outside,
        long sealedMicros,
        long writeTimeoutMicros) {
    public Evidence {
        bases = List.copyOf(bases);
        captures = List.copyOf(captures);
        rings = List.copyOf(rings);
        outside = List.copyOf(outside);
        if (rings.isEmpty()) {
            throw new IllegalArgumentException("evidence without a ring");
        }
    }
}
