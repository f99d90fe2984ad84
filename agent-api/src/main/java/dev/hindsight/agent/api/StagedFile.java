package dev.hindsight.agent.api;

/** @param sha256 hex, of the bytes as they were received and synced */
public record StagedFile(String name, long sizeBytes, String sha256) {}
