package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;

/**
 * How one shard of a table is backed up.
 *
 * @param incremental only what the chain has not seen is read, and only what changes is stored; else all of it
 * @param reason one sentence for people; empty when incremental
 */
public record ShardDecision(TokenRanges ranges, boolean incremental, String reason) {}
