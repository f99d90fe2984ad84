package dev.hindsight.synthesis;

/** What opening and reading one SSTable from end to end found, when nothing was wrong. */
public record Inspection(String descriptor, long partitions, long rows, long firstToken, long lastToken) {}
