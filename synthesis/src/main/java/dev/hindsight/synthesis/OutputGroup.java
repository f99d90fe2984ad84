package dev.hindsight.synthesis;

import dev.hindsight.model.ring.TokenRanges;

/**
 * One set of output SSTables: all merged partitions whose token is in {@code ranges}. Groups may overlap; a partition is
 * then written to each.
 *
 * @param name also the name of the directory below the request's output directory; {@code [A-Za-z0-9_-]+}
 */
public record OutputGroup(String name, TokenRanges ranges) {}
