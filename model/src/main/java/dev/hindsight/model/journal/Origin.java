package dev.hindsight.model.journal;

import java.util.UUID;

/** Which node logged a copy of a change, and where its frame ends there. */
public record Origin(UUID hostId, LogPosition position) {}
