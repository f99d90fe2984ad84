package dev.hindsight.agent.api;

import java.util.Set;

/** Which keyspaces an agent captures from now on; replaces what was wanted before. */
public record CaptureRequest(Set<String> keyspaces) {
    public CaptureRequest {
        keyspaces = Set.copyOf(keyspaces);
    }
}
